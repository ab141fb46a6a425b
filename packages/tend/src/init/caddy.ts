import { type Directive, readBlocks } from "./blocks.ts";
import { type Rule, upstreamOf } from "./route.ts";

/** What a Caddyfile says of who answers what. A site that has no name but a port (`:80`) has no domain to tell. */
export function caddyRules(text: string, env: Readonly<Record<string, string>> = {}): readonly Rule[] {
  const filled = text.replaceAll(
    /\{\$(\w+)(?::([^}\n]*))?\}/g,
    (whole, name: string, otherwise?: string) => (Object.hasOwn(env, name) ? env[name] : otherwise) ?? whole,
  );
  return readBlocks(filled, "line")
    .filter(({ words, inside }) => words.length > 0 && inside.length > 0 && !/^[({]/.test(words[0] as string))
    .flatMap((site) => domainsOf(site).flatMap((domain) => rulesIn(site, "", false).map((rule) => ({ domain, ...rule }))));
}

function domainsOf({ words }: Directive): readonly string[] {
  return words
    .flatMap((word) => word.split(","))
    .map((word) =>
      word
        .replace(/^https?:\/\//, "")
        .replace(/:\d+$/, "")
        .replace(/\/.*$/, ""),
    )
    .filter((word) => /^[A-Za-z0-9*]/.test(word));
}

type Answer = Omit<Rule, "domain">;

function rulesIn(block: Directive, prefix: string, strips: boolean): readonly Answer[] {
  const matchers = new Map(
    block.inside.flatMap((one) => (one.words[0]?.startsWith("@") ? [[one.words[0], pathsOf(one)] as const] : [])),
  );
  return block.inside.flatMap((one): readonly Answer[] => {
    const [what, first = "", ...others] = one.words;
    const paths = first.startsWith("/") ? [first] : (matchers.get(first) ?? [""]);
    if (what === "handle" || what === "handle_path" || what === "route") {
      return paths.flatMap((path) => rulesIn(one, joined(prefix, path), strips || what === "handle_path"));
    }
    if (what !== "reverse_proxy") return [];
    const inBlock = one.inside.find(({ words }) => words[0] === "to")?.words[1];
    const target =
      upstreamOf((/^[/@*]/.test(first) ? others[0] : first) ?? inBlock ?? "") ?? (inBlock ? upstreamOf(inBlock) : undefined);
    return target ? paths.map((path) => ({ path: joined(prefix, path) || "/", to: target.host, port: target.port, strips })) : [];
  });
}

/** `@api path /api/*`, in a line or in braces. */
function pathsOf({ words, inside }: Directive): readonly string[] {
  const lines = [words.slice(1), ...inside.map((one) => one.words)];
  const paths = lines.flatMap(([what, ...rest]) => (what === "path" ? rest : []));
  return paths.length > 0 ? paths : [""];
}

function joined(prefix: string, path: string): string {
  return `${prefix}${path.replace(/\/?\*$/, "").replace(/\/$/, "")}`;
}
