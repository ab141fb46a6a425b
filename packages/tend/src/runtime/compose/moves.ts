import type { App, Proxy, Service } from "../../model/fleet.ts";
import type { Guard, Step, SummaryLine } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { proxies } from "../../proxy/index.ts";
import { sh } from "../../transport/argv.ts";
import type { Drafting, Place } from "../runtime.ts";
import { type ComposeConfig, type ComposeService, inStartOrder } from "./config.ts";
import { leftovers, running } from "./found.ts";
import { gate } from "./gate.ts";
import { type ComposeFacts, runFolder } from "./look.ts";
import { compose, defaultContainerName } from "./place.ts";
import { type Strategy, strategyFor } from "./strategy.ts";
import { type Swap, swap } from "./swap.ts";

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
    /** The app is stopped by then: nothing has to be bridged. */
    readonly stopped?: boolean;
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
    const proxy = proxyOf(place, facts, service);
    const strategy = strategyFor(service, wanted, present, proxy, options.stopped);
    const strays = leftovers(facts, service);
    // A surge that an interrupted run left may be the one that serves: it goes only after a complete swap.
    const unconditional =
      options.forceRecreate ||
      options.stopped ||
      present.length === 0 ||
      strays.length > 0 ||
      (options.unconditional?.(service) ?? false);
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
export function proxyOf(place: Place, facts: ComposeFacts, service: Service): (Proxy & { readonly up: boolean }) | undefined {
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

/** After services were stopped and started: whoever remembers their addresses hears of it. */
export function tellProxies(place: Place, facts: ComposeFacts, services: readonly Service[]): readonly Step[] {
  const named = [...new Set(services.map((service) => service.route?.proxy))];
  return named.flatMap((name): readonly Step[] => {
    const proxy = name && place.fleet.proxies.get(name);
    const told = proxy && proxies[proxy.kind].moved?.(proxy);
    if (!told || proxy.host !== place.host.name || !facts.running.includes(proxy.container)) return [];
    return [
      {
        id: `proxy-${name}`,
        title: `reload ${proxy.container}`,
        because: "it knows its containers' addresses from when it loaded, and they may have others now",
        effect: "changes",
        phase: "switch",
        action: exec([told]),
      },
    ];
  });
}

/** Asked when the switch begins, after the build or pull: does Compose have a reason to replace the container? */
function changedGuard(app: App, path: string, service: Service, image: string): Guard {
  return {
    id: `changed-${service.name}`,
    text: `${service.name}'s image or configuration changed`,
    otherwise: `${service.name} is unchanged`,
    check: sh`cd ${path} || exit 0
container=$( ${compose(app, "ps", "--quiet", service.compose)} | head -n 1)
[ -n "$container" ] || exit 0
set -- $( ${compose(app, "config", "--hash", service.compose)}) || exit 0
image=$(docker image inspect --format '{{.Id}}' ${image}) || exit 0
now=$(docker container inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}}' "$container")
[ "$2 $image" != "$now" ]`,
  };
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
      lasting: `${needed.join(", ")} was started, and runs on`,
      effect: "changes",
      phase: "switch",
      action: exec([compose(place.app, "up", "-d", "--no-recreate", ...needed)], { cwd: facts.path }),
    },
    ...gates,
  ];
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
