/** Whether a rule holds, as far as can be told by a host and a path: undefined where it goes by something else. */
type Told = boolean | undefined;
type Test = (host: string, path: string) => Told;

interface Rule {
  readonly holds: Test;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

export interface Place {
  readonly domain: string;
  readonly path: string;
}

/**
 * The hosts and prefixes for which a rule holds: `Host(`a.example`) && PathPrefix(`/api`)`. Under `*` what holds for any
 * other host, with `~` what goes by a pattern or by something that isn't host or path; nothing for what is no rule.
 */
export function placesOf(text: string): readonly Place[] {
  const rule = ruleOf(text);
  if (!rule) return [];
  const [hosts, paths] = [new Set([...rule.hosts, "*"]), new Set(["/", ...rule.paths])];
  return [...hosts].flatMap((domain) =>
    [...paths].flatMap((path): readonly Place[] => {
      const holds = rule.holds(domain, path);
      return holds === false ? [] : [{ domain, path: holds ? path : `~${path}` }];
    }),
  );
}

const WORD = /\s*(?:(&&|\|\||!|\(|\))|(\w+)\(((?:`[^`]*`|"[^"]*"|'[^']*'|[^)`"'])*)\))/y;
/** Deeper than a person writes. */
const DEEPEST = 50;

interface Word {
  readonly mark?: string;
  readonly matcher?: string;
  readonly values: readonly string[];
}

function wordsOf(text: string): readonly Word[] | undefined {
  const words: Word[] = [];
  WORD.lastIndex = 0;
  for (let end = 0; end < text.trimEnd().length; end = WORD.lastIndex) {
    const [, mark, matcher, inside = ""] = WORD.exec(text) ?? [];
    if (mark === undefined && matcher === undefined) return undefined;
    const values = [...inside.matchAll(/`([^`]*)`|"([^"]*)"|'([^']*)'/g)].map(([, ...quoted]) => quoted.find(Boolean) ?? "");
    words.push({ mark, matcher: matcher?.toLowerCase(), values });
  }
  return words;
}

/** `||` binds less than `&&`, and that less than `!`. */
function ruleOf(text: string): Rule | undefined {
  const words = wordsOf(text);
  const hosts: string[] = [];
  const paths: string[] = [];
  let at = 0;
  const either = (depth: number): Test | undefined => row("||", () => row("&&", () => single(depth), both), one);
  const row = (mark: string, next: () => Test | undefined, join: (all: readonly Told[]) => Told): Test | undefined => {
    const tests: Test[] = [];
    do {
      const test = next();
      if (!test) return undefined;
      tests.push(test);
    } while (words?.[at]?.mark === mark && at++ >= 0);
    return (host, path) => join(tests.map((test) => test(host, path)));
  };
  const single = (depth: number): Test | undefined => {
    const word = words?.[at++];
    if (!word || depth > DEEPEST) return undefined;
    if (word.mark === "!") {
      const test = single(depth + 1);
      return test && ((host, path) => opposite(test(host, path)));
    }
    if (word.mark === "(") {
      const test = either(depth + 1);
      return words[at++]?.mark === ")" ? test : undefined;
    }
    if (word.matcher === "host") hosts.push(...word.values.map((host) => host.toLowerCase()));
    if (word.matcher === "path" || word.matcher === "pathprefix") paths.push(...word.values);
    return word.matcher === undefined ? undefined : testOf(word.matcher, word.values);
  };
  const holds = either(0);
  return holds && at === words?.length ? { holds, hosts, paths } : undefined;
}

function testOf(matcher: string, values: readonly string[]): Test {
  if (matcher === "host") return (host) => values.some((value) => value.toLowerCase() === host);
  if (matcher === "path") return (_, path) => values.includes(path);
  if (matcher === "pathprefix") return (_, path) => values.some((value) => `${path}/`.startsWith(value.replace(/\/?$/, "/")));
  return () => undefined;
}

const both = (all: readonly Told[]): Told => (all.includes(false) ? false : all.includes(undefined) ? undefined : true);
const one = (all: readonly Told[]): Told => (all.includes(true) ? true : all.includes(undefined) ? undefined : false);
const opposite = (told: Told): Told => (told === undefined ? undefined : !told);
