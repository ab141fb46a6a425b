import { type Directive, readBlocks } from "./blocks.ts";
import { type Rule, upstreamOf } from "./route.ts";

/** What nginx's own configuration files say of who answers what. */
export function nginxRules(text: string): readonly Rule[] {
  const all = readBlocks(text, ";");
  const upstreams = new Map(
    all.flatMap(({ words, inside }) => {
      const server = inside.find((one) => one.words[0] === "server")?.words[1];
      return words[0] === "upstream" && words[1] && server ? [[words[1], server] as const] : [];
    }),
  );
  const rules = serversOf(all).flatMap((server) => rulesOf(server, upstreams));
  // The same site over http and https is one.
  return [...new Map(rules.map((rule) => [`${rule.domain}${rule.path}`, rule])).values()];
}

function serversOf(all: readonly Directive[]): readonly Directive[] {
  return all.flatMap((one) => (one.words[0] === "server" ? [one] : one.words[0] === "http" ? serversOf(one.inside) : []));
}

function rulesOf(server: Directive, upstreams: ReadonlyMap<string, string>): readonly Rule[] {
  const domains = server.inside.flatMap(({ words }) => (words[0] === "server_name" ? words.slice(1) : []));
  const variables = settings(server);
  const locations = locationsOf(server).flatMap((location) => {
    const answer = answerOf(location, new Map([...variables, ...settings(location)]), upstreams);
    const path = pathOf(location);
    return answer && path !== undefined ? [{ ...answer, path }] : [];
  });
  return domains.flatMap((domain) => locations.map((location) => ({ domain, ...location })));
}

function locationsOf(within: Directive): readonly Directive[] {
  return within.inside.flatMap((one) => (one.words[0] === "location" ? [one, ...locationsOf(one)] : []));
}

/** A prefix, or one path alone; what a pattern matches is no prefix. */
function pathOf({ words: [, first = "", second] }: Directive): string | undefined {
  const path = second === undefined ? first : first === "=" || first === "^~" ? second : undefined;
  return path?.startsWith("/") ? path.replace(/(?<=.)\/+$/, "") : undefined;
}

function settings({ inside }: Directive): ReadonlyMap<string, string> {
  return new Map(
    inside.flatMap(({ words: [what, name, value] }) => (what === "set" && name && value ? [[name, value] as const] : [])),
  );
}

function answerOf(
  { inside }: Directive,
  variables: ReadonlyMap<string, string>,
  upstreams: ReadonlyMap<string, string>,
): Omit<Rule, "domain" | "path"> | undefined {
  const passed = inside.find(({ words }) => words[0] === "proxy_pass" || words[0] === "grpc_pass")?.words[1];
  if (passed === undefined) return undefined;
  const filled = passed.replaceAll(/\$\{?(\w+)\}?/g, (whole, name: string) => variables.get(`$${name}`) ?? whole);
  const target = upstreamOf(filled.replace(/^grpc/, "http").replace(/\$\w+$/, ""));
  if (!target || target.host.includes("$")) return undefined;
  const named = upstreams.get(target.host);
  const behind = named === undefined ? target : { ...upstreamOf(named), path: target.path };
  if (behind.host === undefined) return undefined;
  const rewrites = inside.some(({ words }) => words[0] === "rewrite" && /^\/\$\d$/.test(words[2] ?? ""));
  return { to: behind.host, port: behind.port, strips: rewrites || behind.path === "/" };
}
