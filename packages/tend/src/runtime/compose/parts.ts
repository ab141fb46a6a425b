import { liveRelease } from "../../journal/releases.ts";
import type { App, Proxy, Service } from "../../model/fleet.ts";
import type { Guard, Step, SummaryLine, Undo, Watch } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, sh } from "../../transport/argv.ts";
import type { Drafting, Place } from "../runtime.ts";
import { type ComposeConfig, type ComposeService, inStartOrder } from "./config.ts";
import type { ContainerFacts } from "./containers.ts";
import { gate } from "./gate.ts";
import { record } from "./keep.ts";
import { type ComposeFacts, runFolder } from "./look.ts";
import { called, compose, defaultContainerName } from "./place.ts";
import { type Strategy, strategyFor } from "./strategy.ts";
import { type Swap, swap } from "./swap.ts";

/** What deploy and rollback have in common: which containers go, how, and what is recorded of it. */

export function nextRelease(facts: ComposeFacts): number {
  return (liveRelease(facts)?.release ?? 0) + 1;
}

export function running(facts: ComposeFacts, service: Service): readonly ContainerFacts[] {
  return facts.containers.filter(
    (container) => container.service === service.compose && !container.oneOff && container.state === "running",
  );
}

export function leftovers(facts: ComposeFacts, service: Service): readonly ContainerFacts[] {
  return facts.containers.filter(
    (container) => container.service === service.compose && container.oneOff && container.name.includes("-surge-r"),
  );
}

/** In which way what runs isn't what was released: somebody went on by hand, or the image moved. */
export function driftOf(
  facts: Pick<ComposeFacts, "releases" | "services"> & { readonly head?: string },
  app: App,
): readonly string[] {
  const live = liveRelease(facts);
  if (!live) return [];
  const drift: string[] = [];
  if (live.code && facts.head && facts.head !== live.code.commit)
    drift.push(`the checkout is at ${facts.head.slice(0, 7)}, release ${live.release} at ${live.code.commit.slice(0, 7)}`);
  for (const status of facts.services) {
    const released = live.images[status.service];
    if (released && status.image && status.image.id !== released.id)
      drift.push(`${called(app, status.service)} runs another image than release ${live.release}`);
    if (released && status.state === "absent") drift.push(`${called(app, status.service)} has no container`);
  }
  return drift;
}

/**
 * Records what runs now, before it is replaced, when no release says so yet: the first time, and after somebody
 * went on by hand. So there is always something to roll back to.
 */
export function recordFound(place: Place, facts: ComposeFacts, context: Drafting, services: readonly Service[]): readonly Step[] {
  const up = services.flatMap((service) => running(facts, service).slice(0, 1));
  const drift = driftOf({ ...facts, head: facts.code?.head }, place.app).filter((line) => !line.endsWith("has no container"));
  const known = liveRelease(facts) !== undefined && drift.length === 0;
  if (known || up.length === 0) return [];
  const release = nextRelease(facts);
  return [
    record(place, facts, context, {
      id: "found",
      title: `record what runs as release ${release}`,
      because: drift[0] ? `it was done by hand: ${drift[0]}` : "tend hasn't deployed it: this is what a rollback goes back to",
      release,
      operation: "found",
      by: "by hand",
      code: facts.code && { commit: facts.code.head, branch: facts.code.branch, subject: facts.code.subject },
      tags: Object.keys(facts.tags).length > 0 ? facts.tags : undefined,
      images: Object.fromEntries(up.map((container) => [container.service as string, container.ref])),
      ids: Object.fromEntries(up.map((container) => [container.service as string, container.image])),
      phase: "prepare",
    }),
  ];
}

export interface Move {
  readonly service: Service;
  readonly strategy: Strategy;
  readonly swap: Swap;
  readonly guard?: Guard;
}

/** How each service gets to its next container, in the order of their dependencies. */
export function moves(
  place: Place,
  facts: ComposeFacts,
  context: Drafting,
  services: readonly Service[],
  options: {
    readonly forceRecreate: boolean;
    /** Known already to differ: it is replaced without asking. */
    readonly unconditional?: (service: Service) => boolean;
    /** What the services run from now on, where that isn't what the files say today; by compose service. */
    readonly images?: Readonly<Record<string, string>>;
  },
): readonly Move[] {
  const config = facts.config;
  if (!config) return [];
  const order = inStartOrder(
    config,
    services.map((service) => service.compose),
  );
  const ordered = [...services].sort((one, other) => order.indexOf(one.compose) - order.indexOf(other.compose));
  return ordered.flatMap((service) => {
    const wanted = config.services.get(service.compose);
    if (!wanted) return [];
    const present = running(facts, service);
    const strategy = strategyFor(service, wanted, present, proxyOf(place, facts, service));
    const strays = leftovers(facts, service);
    // A surge that an interrupted run left may be the one that serves: it goes only after a complete swap.
    const unconditional =
      options.forceRecreate || present.length === 0 || strays.length > 0 || (options.unconditional?.(service) ?? false);
    const image = options.images?.[service.compose] ?? wanted.image;
    const guard = unconditional ? undefined : changedGuard(place.app, facts.path, service, image);
    return {
      service,
      strategy,
      guard,
      swap: swap({
        app: place.app,
        path: facts.path,
        runFolder: runFolder(facts, context.run),
        run: context.run,
        project: config.project,
        composeFiles: facts.composeFiles,
        service,
        config: wanted,
        strategy,
        present,
        leftovers: strays,
        guard,
        forceRecreate: options.forceRecreate,
        needsHold: needsHold(facts, wanted, ordered),
      }),
    };
  });
}

/**
 * Whether Compose, asked for the service alone, would find all that it depends on as it should be. What is chosen too
 * has had its turn by then, and what isn't there at all is started before; neither is so for what runs to its end.
 */
function needsHold(facts: ComposeFacts, service: ComposeService, chosen: readonly Service[]): boolean {
  const config = facts.config as ComposeConfig;
  return inStartOrder(config, [service.name]).every((name) => {
    if (name === service.name) return true;
    const own = chosen.find((one) => one.compose === name);
    if (own) return own.role !== "one-off";
    const present = facts.containers.filter((container) => container.service === name && !container.oneOff);
    const image = facts.images[config.services.get(name)?.image ?? ""];
    return present.every(
      (container) =>
        container.state === "running" && container.configHash === facts.hashes[name] && (!image || container.image === image),
    );
  });
}

/** A proxy on another host counts as up: only this one was asked. */
function proxyOf(place: Place, facts: ComposeFacts, service: Service): (Proxy & { readonly up: boolean }) | undefined {
  const proxy = service.route?.proxy ? place.fleet.proxies.get(service.route.proxy) : undefined;
  return proxy && { ...proxy, up: proxy.host !== place.host.name || facts.running.includes(proxy.container) };
}

/** Proxies that aren't there: an app is started before a plain nginx, which wants to find it when it loads. */
export function proxyLine(place: Place, facts: ComposeFacts, all: readonly Move[]): readonly SummaryLine[] {
  const down = all.map((move) => proxyOf(place, facts, move.service)).filter((proxy) => proxy?.up === false);
  const names = [...new Set(down.map((proxy) => proxy?.container))];
  if (names.length === 0) return [];
  return [
    { label: "proxy", text: `${names.join(", ")} isn't running: nobody can reach the app through it, and tend doesn't try` },
  ];
}

/** What a release is made of: the chosen services as the files say, the others as they stand. */
export function releasedImages(facts: ComposeFacts, all: readonly Service[], chosen: readonly Service[]) {
  const images: Record<string, string> = {};
  const ids: Record<string, string> = {};
  for (const { compose } of all) {
    const standing = facts.containers.find((container) => container.service === compose && !container.oneOff);
    if (chosen.some((service) => service.compose === compose)) {
      images[compose] = facts.config?.services.get(compose)?.image as string;
    } else if (standing) {
      images[compose] = standing.ref;
      ids[compose] = standing.image;
    }
  }
  return { images, ids };
}

/** Asked when the switch begins, after the build or pull: does Compose have a reason to replace the container? */
function changedGuard(app: App, path: string, service: Service, image: string): Guard {
  return {
    id: `changed-${service.name}`,
    text: `${service.name}'s image or configuration changed`,
    otherwise: `${service.name} is unchanged`,
    check: sh`cd ${path} || exit 0
container=$(${compose(app, "ps", "--quiet", service.compose)} | head -n 1)
[ -n "$container" ] || exit 0
set -- $(${compose(app, "config", "--hash", service.compose)}) || exit 0
image=$(docker image inspect --format '{{.Id}}' ${image}) || exit 0
now=$(docker container inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}}' "$container")
[ "$2 $image" != "$now" ]`,
  };
}

/** Services that the chosen ones depend on and that aren't there; what runs already is left as it is. */
export function startNeeded(place: Place, facts: ComposeFacts, services: readonly Service[]): readonly Step[] {
  const config = facts.config;
  if (!config) return [];
  const own = services.map((service) => service.compose as string);
  const needed = inStartOrder(config, own).filter(
    (name) =>
      !own.includes(name) && !facts.containers.some((container) => container.service === name && container.state === "running"),
  );
  if (needed.length === 0) return [];
  // Each service is started without its dependencies, so what Compose would wait for is waited for here.
  const gates = needed.flatMap((name): readonly Step[] => {
    const service = config.services.get(name);
    if (!service?.healthcheck) return [];
    const container = service.containerName ?? defaultContainerName(config.project, name);
    return [
      {
        id: `gate-needed-${name}`,
        title: `${name} healthy`,
        because: "its own dependants would be refused",
        effect: "reads",
        phase: "switch",
        action: gate({ deadline: 60 }, service, container),
        fails: { id: "service.unhealthy", title: `${name} (${container}) did not become healthy` },
      },
    ];
  });
  return [
    {
      id: "start-needed",
      title: `start ${needed.join(", ")}`,
      because: `${own.join(", ")} can't do without`,
      effect: "changes",
      phase: "switch",
      action: exec([compose(place.app, "up", "-d", "--no-recreate", ...needed)], { cwd: facts.path }),
    },
    ...gates,
  ];
}

/** The public address of a service, as its users reach it. */
export function publicWatch(place: Place, service: Service): Watch | undefined {
  const { route, probe } = service;
  if (!route) return undefined;
  const proxy = route.proxy ? place.fleet.proxies.get(route.proxy) : undefined;
  const path = isPublic(service) ? (probe?.path ?? "/") : (route.paths[0] ?? "/");
  const via = proxy?.url;
  const scheme = via?.protocol ?? "https:";
  const port = via ? Number(via.port || (via.protocol === "https:" ? 443 : 80)) : undefined;
  const standard = !port || port === (scheme === "https:" ? 443 : 80);
  return {
    url: `${scheme}//${route.domain}${standard ? "" : `:${port}`}${path}`,
    connect: via && port ? { host: via.hostname, port } : undefined,
    status: probe?.status,
  };
}

/** Whether users reach the probe's path: a proxy that takes a prefix off shows it to nobody. */
function isPublic({ route, probe }: Service): boolean {
  const paths = route?.paths.length ? route.paths : ["/"];
  return paths.some((path) => probe?.path === path || probe?.path.startsWith(path.endsWith("/") ? path : `${path}/`));
}

/** The last word of a deploy: its users' own address answers. */
export function publicProbes(place: Place, facts: ComposeFacts, changing: readonly Move[]): readonly Step[] {
  return changing.flatMap(({ service, guard }) => {
    const target = publicWatch(place, service);
    if (!target || !isPublic(service) || proxyOf(place, facts, service)?.up === false) return [];
    return [
      {
        id: `public-${service.name}`,
        title: target.url,
        because: "a release is live when its users reach it",
        effect: "reads" as const,
        phase: "switch" as const,
        guard,
        action: { kind: "probe" as const, target, deadline: 20 },
        fails: { id: "release.unreachable", title: `${target.url} doesn't answer as it should` },
      },
    ];
  });
}

export function strategyText(strategy: Strategy): string {
  if (strategy.kind === "surge") return "swapped without downtime";
  if (strategy.kind === "start") return "started";
  return `recreated with a gap (${strategy.because})`;
}

export function servicesLine(all: readonly Move[], verb: (move: Move) => string): SummaryLine {
  const alike = [...Map.groupBy(all, verb)];
  return {
    label: "services",
    text: alike.map(([text, group]) => `${group.map((move) => move.service.name).join(", ")}: ${text}`).join(" · "),
  };
}

/** Puts an image's former meaning back under the name that the compose file uses. */
export function retagUndo(
  of: string,
  images: Readonly<Record<string, { readonly ref: string; readonly id: string }>>,
): readonly Undo[] {
  const commands = Object.values(images)
    .filter((image) => !image.ref.includes("@") && !image.ref.startsWith("sha256:"))
    .map((image) => command(["docker", "tag", image.id, image.ref]));
  return commands.length > 0 ? [{ of, title: "the former images get their names back", action: exec(commands) }] : [];
}

/** `any-changed`: whether one of the guarded services was replaced. */
export function anyChanged(all: readonly Move[]): Guard | undefined {
  if (all.some((move) => !move.guard)) return undefined;
  const guards = all.map((move) => move.guard?.id as string);
  return {
    id: "any-changed",
    text: "a service was replaced",
    otherwise: "nothing was replaced",
    check: sh`for guard in ${guards}; do read -r is <guards/"$guard" && [ "$is" = 0 ] && exit 0; done; exit 1`,
  };
}
