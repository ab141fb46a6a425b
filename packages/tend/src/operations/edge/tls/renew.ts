import { scenesOf } from "../../../doctor/diagnose.ts";
import type { Scene } from "../../../doctor/scene.ts";
import { Failure } from "../../../model/failure.ts";
import type { App, Fleet, Proxy } from "../../../model/fleet.ts";
import type { AppName } from "../../../model/names.ts";
import { defineOperation } from "../../../operation.ts";
import { flag, type Param, someApps, text, usage } from "../../../params.ts";
import type { Session } from "../../../session.ts";
import { lifeOf, lifeText } from "../../../tls/certificate.ts";
import { addressText } from "../../../tls/endpoint.ts";
import { type DomainSeen, domainsOf, isAmong } from "./look.ts";
import { dueOf, isStale, renewalSteps } from "./steps.ts";

/** What each session has set out to renew or load, a file for each domain: it is looked at afterwards what is served. */
const setOut = new WeakMap<Session, { readonly scene: Scene; readonly paths: ReadonlyMap<string, string> }[]>();

const domain: Param<string | undefined> = {
  ...text("domain", "only this domain's certificate"),
  parse: (given) => (Array.isArray(given) && given[0] !== undefined ? String(given[0]).toLowerCase() : undefined),
};

export const renew = defineOperation({
  kind: "host",
  name: "tls renew",
  summary: "Renew certificates that are due, and show that the new ones are served",
  details: `Due is what has a third of its lifetime left, or less; with --force it is renewed all the same. By what, the proxy's declared tls
says: acme-companion, or certbot. For certbot's standalone the proxy is stopped, and started again whatever happens to certbot,
to tend or to the connection. In the end the proxy is reloaded, and every address is asked for what it serves.`,
  effect: "changes",
  params: {
    apps: someApps("whose domains; the whole fleet's when none is named"),
    domain,
    force: flag("also what isn't due yet"),
  },
  examples: [
    { command: "tend tls renew", explains: "what is due in the fleet" },
    { command: "tend tls renew --domain skriptoteket.example --force", explains: "one certificate, now" },
  ],
  targets(input, fleet) {
    const routes = routesOf(fleet, input);
    const explicit = input.apps.length > 0 || input.domain !== undefined;
    const meant = explicit ? routes : routes.filter(({ proxy }) => renews(proxy));
    if (meant.length === 0) throw undeclared(routes[0]?.proxy);
    return [...fleet.hosts.keys()].filter((host) => meant.some(({ app }) => app.host === host));
  },
  async facts({ session, host }, input) {
    const scene = (await scenesOf(session, input.apps)).find((one) => one.host.name === host.name);
    if (!scene) throw new Error(`${host.name} is no host of what was asked about`);
    const seen = (await domainsOf(session, scene)).filter((one) => input.domain === undefined || one.domain === input.domain);
    const domains = seen.filter(({ proxy }) => renews(proxy));
    if (domains.length === 0) throw undeclared(seen[0]?.proxy);
    const unread = domains.find(({ files }) => files === undefined);
    if (unread) throw unreadable(unread);
    const stale = domains.filter(isStale).map((one) => [one.domain, one.files?.[0]?.path ?? ""] as const);
    const due = dueOf(domains, scene.now, input.force).flatMap((one) => one.domains.map((name) => [name, one.path] as const));
    setOut.set(session, [...(setOut.get(session) ?? []), { scene, paths: new Map([...stale, ...due]) }]);
    return { domains };
  },
  draft({ domains }, { now, host }, input) {
    const each = [...new Set(domains.flatMap(({ proxy }) => proxy ?? []))].map((proxy) => {
      const own = domains.filter((one) => one.proxy === proxy);
      const due = dueOf(own, now, input.force);
      return { due, ...renewalSteps(proxy, due, own.some(isStale)) };
    });
    const renewed = each.flatMap(({ due }) => due.flatMap((one) => one.domains));
    const steps = each.flatMap((one) => one.steps);
    return {
      title: `renew certificates on ${host.name}`,
      summary: domains.map((one) => ({ label: one.domain, text: standing(one, now, renewed) })),
      steps,
      undo: each.flatMap((one) => one.undo),
      watch: [],
      outcome: `on disk and loaded: ${(renewed.length > 0 ? renewed : staleOf(domains)).join(", ")}`,
      nothing:
        steps.length > 0
          ? undefined
          : domains
              .map((one) => `${one.domain}: ${standing(one, now, renewed)}`)
              .join("; ")
              .concat("; --force renews it"),
    };
  },
  async afterwards(session, _, out) {
    let exit: number | undefined;
    for (const { scene, paths } of setOut.get(session) ?? []) {
      for (const one of await loaded(session, scene, paths)) {
        if (out.json) out.write(JSON.stringify({ v: 1, type: "tls", ...one }));
        else out.write(`${one.isNew === undefined ? "–" : one.isNew ? "✔" : "✖"} ${one.text}`);
        if (one.isNew === false) exit = 1;
      }
    }
    return exit;
  },
});

interface Routed {
  readonly app: App;
  readonly domain: string;
  readonly proxy?: Proxy;
}

/** The routes that are asked about. */
function routesOf(
  fleet: Fleet,
  input: { readonly apps: readonly AppName[]; readonly domain?: string | undefined },
): readonly Routed[] {
  const routes = [...fleet.apps.values()]
    .filter(({ name }) => input.apps.length === 0 || input.apps.includes(name))
    .flatMap((app) =>
      app.services.flatMap(({ route }): Routed[] =>
        route ? [{ app, domain: route.domain, proxy: route.proxy && fleet.proxies.get(route.proxy) }] : [],
      ),
    );
  const meant = routes.filter((one) => input.domain === undefined || one.domain === input.domain);
  if (meant.length > 0 || input.domain === undefined) return meant;
  const known = [...new Set(routes.map((one) => one.domain))];
  throw usage(`no route is declared for ${input.domain}`, known.length > 0 ? `declared: ${known.join(", ")}` : undefined);
}

function renews(proxy: Proxy | undefined): boolean {
  return proxy?.tls?.by === "acme-companion" || proxy?.tls?.by === "certbot";
}

function undeclared(proxy: Proxy | undefined): Failure {
  const itself = proxy?.tls && !renews(proxy);
  return new Failure({
    id: "tls.undeclared",
    exit: "refused",
    title: itself
      ? `${proxy.name} renews its certificates by itself; tend can't make it`
      : `tend isn't told what renews the certificates${proxy ? ` of ${proxy.name}` : ""}`,
    changed: "nothing",
    help: itself
      ? `see what keeps it: docker logs ${proxy.container}`
      : `declare it: proxies.${proxy?.name ?? "NAME"}.tls: { by: certbot, how: standalone }, or by: acme-companion`,
  });
}

function unreadable({ domain, proxy }: DomainSeen): Failure {
  return new Failure({
    id: "tls.unreadable",
    exit: "refused",
    title: `what ${proxy?.container} has on disk for ${domain} can't be read: its container doesn't answer`,
    changed: "nothing",
    help: `start it first: docker start ${proxy?.container}`,
  });
}

function staleOf(domains: readonly DomainSeen[]): readonly string[] {
  return domains.filter(isStale).map(({ domain }) => domain);
}

function standing(one: DomainSeen, now: Date, renewed: readonly string[]): string {
  const [kept] = one.files ?? [];
  const life = kept ? lifeText(lifeOf(kept.certificate, now)) : "none on disk";
  if (renewed.includes(one.domain)) return `${life} → renewed`;
  return isStale(one) ? `${life}, and an older one is served → loaded` : `${life}, not due`;
}

const PATIENCE_MS = 10_000;

interface Loaded {
  readonly domain: string;
  readonly text: string;
  /** Undefined where it can't be looked at. */
  readonly isNew?: boolean;
}

/** What each address serves in the end; workers that go take a moment. */
async function loaded(session: Session, scene: Scene, paths: ReadonlyMap<string, string>): Promise<readonly Loaded[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = paths.size === 0 ? [] : await domainsOf(session, scene);
    const all = seen.flatMap((one) => {
      const path = paths.get(one.domain);
      return path === undefined ? [] : loadedAt(one, path);
    });
    if (all.every(({ isNew }) => isNew !== false) || Date.now() > end) return all;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function loadedAt({ domain: name, at, files, skipped }: DomainSeen, path: string): readonly Loaded[] {
  if (at.length === 0) return [{ domain: name, text: `${name}: ${skipped ?? "it has no address"}` }];
  return at.map(({ address, served }) => {
    const where = `${name} at ${addressText(address)}`;
    const leaf = served.kind === "served" ? served.chain[0] : undefined;
    if (!leaf)
      return { domain: name, isNew: false, text: `${where} serves nothing${served.kind === "served" ? "" : `: ${served.why}`}` };
    const isNew = isAmong(leaf, files?.filter((one) => one.path === path || one.configured) ?? []);
    const life = lifeText(lifeOf(leaf, new Date()));
    return {
      domain: name,
      isNew,
      text: `${where} serves ${isNew ? "it" : `another one than ${path}`}: ${life}, by ${leaf.issuer}`,
    };
  });
}
