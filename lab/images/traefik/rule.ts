// Host(`a.example`) && (PathPrefix(`/api`) || Path(`/health`)) → does this request match?
export interface Asked {
  host: string;
  path: string;
  method: string;
  headers: Record<string, string | string[] | undefined>;
}
export type Matcher = (asked: Asked) => boolean;

const matchers: Record<string, (...args: string[]) => Matcher> = {
  host:
    (...names) =>
    ({ host }) =>
      names.some((name) => name.toLowerCase() === host),
  hostregexp:
    (pattern = "") =>
    ({ host }) =>
      new RegExp(pattern).test(host),
  path:
    (...paths) =>
    ({ path }) =>
      paths.includes(path),
  pathprefix:
    (...prefixes) =>
    ({ path }) =>
      prefixes.some((prefix) => path.startsWith(prefix)),
  pathregexp:
    (pattern = "") =>
    ({ path }) =>
      new RegExp(pattern).test(path),
  method:
    (...methods) =>
    ({ method }) =>
      methods.includes(method),
  header:
    (name = "", value) =>
    ({ headers }) =>
      headers[name.toLowerCase()] === value,
};

const tokens = /\s*(&&|\|\||!|\(|\)|,|`[^`]*`|"[^"]*"|[A-Za-z]+)/y;

export function parseRule(rule: string): Matcher {
  const words = tokenize(rule);
  let at = 0;
  const fail = (): never => {
    throw new Error(`error while parsing rule ${rule}: unexpected ${words[at] ?? "end"}`);
  };
  const expect = (word: string) => (words[at] === word ? at++ : fail());

  function either(): Matcher {
    let left = both();
    while (words[at] === "||") {
      at++;
      const [a, b] = [left, both()];
      left = (asked) => a(asked) || b(asked);
    }
    return left;
  }
  function both(): Matcher {
    let left = single();
    while (words[at] === "&&") {
      at++;
      const [a, b] = [left, single()];
      left = (asked) => a(asked) && b(asked);
    }
    return left;
  }
  function single(): Matcher {
    const word = words[at++];
    if (word === "!") {
      const inner = single();
      return (asked) => !inner(asked);
    }
    if (word === "(") {
      const inner = either();
      expect(")");
      return inner;
    }
    const make = matchers[word?.toLowerCase() ?? ""];
    if (make === undefined) {
      at--;
      return fail();
    }
    return make(...args());
  }
  function args(): string[] {
    expect("(");
    const list: string[] = [];
    do list.push(/^[`"](.*)[`"]$/.exec(words[at++] ?? "")?.[1] ?? fail());
    while (words[at] === "," && at++);
    expect(")");
    return list;
  }

  const matcher = either();
  return at === words.length ? matcher : fail();
}

function tokenize(rule: string): string[] {
  const words: string[] = [];
  tokens.lastIndex = 0;
  for (let end = 0; end < rule.trimEnd().length; end = tokens.lastIndex) {
    const word = tokens.exec(rule)?.[1];
    if (word === undefined) throw new Error(`error while parsing rule ${rule}: at character ${end}`);
    words.push(word);
  }
  return words;
}
