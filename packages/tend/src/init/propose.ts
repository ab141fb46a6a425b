import { posix } from "node:path";
import type { Found, FoundService } from "./found.ts";
import { type Group, groupsOf } from "./group.ts";
import { free, oneLine, plainName, sameBeginning } from "./names.ts";
import type { Note, Proposal, ProposedApp, Section } from "./proposal.ts";
import { proposeApp } from "./propose-app.ts";
import { type Ways, waysOf } from "./ways.ts";

/** A declaration of what was found. Pure: the same findings make the same declaration. */
export function propose(found: Found, fleet: string): Proposal {
  const ways = waysOf(found);
  const { groups, left } = groupsOf(found, ways);
  const host = hostOf(found);
  const proxies = proxiesOf(found, ways, host.name);
  const taken = new Set<string>();
  const names = new Set<string>();
  const setting = { found, ways, host: host.name, proxyNames: proxies.names, taken };
  const apps = groups.map((group) => proposeApp(free(appNameOf(group, groups, found), names), group, setting));
  return {
    fleet: plainName(fleet, "fleet"),
    hosts: { [host.name]: host.value },
    proxies: proxies.section,
    apps: apps.toSorted(byName),
    guesses: [{ path: ["fleet"], text: "any name" }, ...host.guesses, ...proxies.guesses],
    left: [...left, ...found.troubles, ...found.timers.map((timer) => `the timer ${timer}: jobs aren't declared yet`)].map(
      oneLine,
    ),
  };
}

function byName(one: ProposedApp, other: ProposedApp): number {
  return one.name < other.name ? -1 : 1;
}

function hostOf({ where }: Found): { name: string; value: Section | string; guesses: readonly Note[] } {
  if (where.kind === "local") return { name: plainName(where.name, "here"), value: "local", guesses: [] };
  if (where.kind === "ssh") return { name: plainName(where.alias, "server"), value: { ssh: [where.alias] }, guesses: [] };
  const note = { path: ["hosts", where.name], text: "its name in your ~/.ssh/config" };
  return { name: where.name, value: { ssh: [where.name] }, guesses: [note] };
}

/** Each proxy by its container's name; one that only labels speak of is guessed. */
function proxiesOf(found: Found, { proxies, routes }: Ways, host: string) {
  const taken = new Set<string>();
  const names = new Map<unknown, string>();
  const section: Record<string, Section> = {};
  const guesses: Note[] = [];
  for (const way of proxies) {
    if (way.service.container === "") continue;
    const name = free(plainName(way.service.container, way.kind), taken);
    const behind = routes.filter((route) => route.by === way).map((route) => route.service);
    const network = sharedNetwork(way.service, behind);
    names.set(way, name);
    section[name] = { host, kind: way.kind, container: way.service.container, ...(network === undefined ? {} : { network }) };
  }
  if (found.where.kind === "unknown") {
    for (const kind of new Set(routes.flatMap((route) => (route.by ? [] : [route.kind])))) {
      const name = free(kind, taken);
      names.set(kind, name);
      section[name] = { host, kind, container: kind };
      guesses.push({
        path: ["proxies", name],
        text: "the services' own labels or variables speak of it; its container may have another name",
      });
    }
  }
  return { names, section, guesses };
}

/** The network on which the proxy reaches most of what is behind it. */
function sharedNetwork(proxy: FoundService, behind: readonly FoundService[]): string | undefined {
  const counted = Object.keys(proxy.networks)
    .filter((network) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(network))
    .map((network) => ({ network, count: behind.filter((service) => Object.hasOwn(service.networks, network)).length }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
  return counted[0]?.network;
}

/** Names of folders that say nothing of what is in them. */
const SAYS_NOTHING =
  /^(?:docker|compose|deploy|deployment|infra|infrastructure|apps?|srv|src|opt|stack|stacks|production|prod|server)$/;

function appNameOf(group: Group, groups: readonly Group[], found: Found): string {
  const { project, services, shared } = group;
  if (shared) return plainName(commonName(services), "app");
  const folder = posix.basename(project.files[0] === undefined ? project.folder : posix.dirname(project.files[0]));
  const siblings = groups.filter((other) => other.project.folder === project.folder && !other.shared);
  const byProject =
    found.where.kind !== "unknown" &&
    (SAYS_NOTHING.test(folder.toLowerCase()) || siblings.some((one) => one.project.name !== project.name));
  const name = plainName(byProject || folder === "" ? project.name : folder, "app");
  const [, middle] = /^(?:docker-)?compose\.([A-Za-z0-9_-]+)\.ya?ml$/.exec(posix.basename(project.files[0] ?? "")) ?? [];
  const isMain = middle === undefined || /^prod/.test(middle) || siblings.length === 1;
  return isMain ? name : plainName(`${name}-${middle}`, name);
}

/** `legal`, of legal, legal-frontend and legal-electric. */
function commonName(services: readonly FoundService[]): string {
  const same = sameBeginning(services.map((service) => service.name.split(/[-_.]/))).join("-");
  if (same !== "") return same;
  const answers = services.find((service) => service.published.length > 0 || service.exposed.length > 0);
  return (answers ?? services[0])?.name ?? "app";
}
