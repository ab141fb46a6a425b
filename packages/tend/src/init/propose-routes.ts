import type { FoundService } from "./found.ts";
import { oneLine } from "./names.ts";
import type { Section } from "./proposal.ts";
import { isDomain, type Routed, type Ways } from "./ways.ts";

export interface ProposedRoute {
  readonly route: Section;
  readonly probe?: string;
  readonly guess?: string;
  readonly left: readonly string[];
}

/** The route of a service, and the path that says that it is well, as users reach it. */
export function routeOf(
  service: FoundService,
  ways: Ways,
  proxyNames: ReadonlyMap<unknown, string>,
  taken: ReadonlySet<string>,
): ProposedRoute | undefined {
  const mine = ways.routes.filter((route) => route.service === service);
  // What a proxy's own configuration says counts before what a service was told for another proxy.
  const usable = mine
    .filter((route) => isDomain(route.domain) && isPath(route.path) && !taken.has(claim(route)))
    .toSorted((one, other) => Number(other.by !== undefined) - Number(one.by !== undefined));
  const [first] = usable;
  const left = unsaid(service, mine, first, taken);
  if (!first) return mine.length === 0 ? undefined : { route: {}, left };
  const rules = usable.filter((route) => route.domain === first.domain);
  const paths = [...new Set(rules.map((rule) => rule.path))];
  const port =
    rules.find((rule) => rule.port !== undefined)?.port ?? (service.exposed.length === 1 ? service.exposed[0] : undefined);
  const proxy = proxyNames.get(first.by ?? first.kind);
  const alone = !ways.routes.some((route) => route.service !== service && route.domain === first.domain);
  const health = healthPathOf(service.health);
  return {
    route: {
      domain: first.domain.toLowerCase(),
      ...(alone && paths.length === 1 && paths[0] === "/" ? {} : { path: paths.length === 1 ? (paths[0] as string) : paths }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(port === undefined ? {} : { port }),
    },
    ...probeOf(service, rules, ways, health),
    left,
  };
}

export function claim({ domain, path }: Pick<Routed, "domain" | "path">): string {
  return `${domain.toLowerCase()}${path.replace(/\/$/, "")}`;
}

function unsaid(
  service: FoundService,
  mine: readonly Routed[],
  first: Routed | undefined,
  taken: ReadonlySet<string>,
): readonly string[] {
  const others = [...new Set(mine.map((route) => route.domain))].filter((domain) => domain !== first?.domain);
  return others.map((domain) => {
    if (!isDomain(domain)) return oneLine(`${service.name}: ${domain} is no domain that tend could ask for`);
    if (mine.every((route) => route.domain !== domain || taken.has(claim(route))))
      return oneLine(`${service.name}: ${domain} is another service's already`);
    return oneLine(`${service.name} also answers ${domain}: tend asks one domain a service`);
  });
}

/** The health check's path with the prefix that the proxy takes off; where another service answers that, the route's own. */
function probeOf(
  service: FoundService,
  rules: readonly Routed[],
  ways: Ways,
  health: string | undefined,
): Pick<ProposedRoute, "probe" | "guess"> {
  if (health === undefined) return {};
  const [first] = rules as readonly [Routed];
  const seen = first.strips && first.path !== "/" ? `${first.path}${health}` : health;
  const covered = rules.some((rule) => covers(rule.path, seen));
  const answers = ways.routes
    .filter((route) => route.domain === first.domain && covers(route.path, seen))
    .toSorted((one, other) => other.path.length - one.path.length)[0];
  const elsewhere = covered && answers !== undefined && answers.service !== service;
  const from = elsewhere ? `${answers.service.name} answers ${seen} there` : "the path that its health check asks for";
  return { probe: elsewhere ? first.path : seen, guess: from };
}

function covers(prefix: string, path: string): boolean {
  return prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);
}

/** This container, as a health check in it would say: never a page that a comment in its script speaks of. */
const ITSELF = /(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|\$?\{[^}]*\}|\$HOSTNAME|\$\(hostname\))/;
const PORT = /(?::(?:\d+|\$?\{[^}]*\}|\$\([^)]*\)|\$\w+))?/;
const HERE = new RegExp(
  `(?:https?://${ITSELF.source}|\\b(?:localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0))${PORT.source}(/[A-Za-z0-9_./~%-]*)?`,
  "g",
);

/** The path in a health check's address: `curl -f http://localhost:3000/health`. A query may have a token in it, and stays out. */
export function healthPathOf(words: readonly string[]): string | undefined {
  const text = words.join(" ");
  const found = [...text.matchAll(HERE)];
  // A name alone may be any program's: `redis-cli -h localhost`.
  const address = found.find(([whole]) => /[:/]/.test(whole)) ?? (/\b(?:curl|wget)\b/.test(text) ? found[0] : undefined);
  return address && (address[1] ?? "/");
}

function isPath(path: string): boolean {
  return /^\/[^\s?#]{0,200}$/.test(path);
}
