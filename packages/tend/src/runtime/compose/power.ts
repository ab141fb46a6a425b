import type { ServiceName } from "../../model/names.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import type { Draft, Drafting, Place, PowerVerb } from "../runtime.ts";
import { inStartOrder } from "./config.ts";
import { nextRelease, recordFound, releasedImages } from "./found.ts";
import { gate } from "./gate.ts";
import { record } from "./keep.ts";
import { type ComposeFacts, declaredServices } from "./look.ts";
import { moves, proxyLine, servicesLine, strategyText, tellProxies } from "./moves.ts";
import { compose, defaultContainerName } from "./place.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";
import { publicProbes, publicWatch } from "./public.ts";

/** start, stop and restart, as one would by hand; what has to come up is waited for. */
export function planPower(place: Place, facts: ComposeFacts, verb: PowerVerb, names: readonly ServiceName[]): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: false });
  const chosen = chosenServices(place, facts, names).filter((service) => service.role !== "one-off");
  const order = inStartOrder(
    facts.config as NonNullable<ComposeFacts["config"]>,
    chosen.map((service) => service.compose),
  );
  const sorted = [...chosen].sort((one, other) => order.indexOf(one.compose) - order.indexOf(other.compose));
  const own = sorted.map((service) => service.compose);
  const argv = {
    start: ["up", "-d", "--no-build", "--no-recreate"],
    stop: ["stop"],
    restart: ["restart"],
    renew: ["up", "-d", "--no-build", "--no-deps", "--force-recreate"],
  }[verb];
  const shown = sorted.map((service) => service.name).join(", ");
  const title = `${verb === "renew" ? "recreate" : verb} ${shown}`;
  const gates: Step[] = sorted.flatMap((service) => {
    const config = facts.config?.services.get(service.compose);
    if (!config) return [];
    const container = config.containerName ?? defaultContainerName(facts.config?.project ?? "", config.name);
    return [
      {
        id: `gate-${service.name}`,
        title: `${service.name} healthy`,
        because: "it counts as up when it answers",
        effect: "reads",
        phase: "switch",
        action: gate(service, config, container),
        fails: { id: "service.unhealthy", title: `${service.name} (${container}) did not become healthy` },
      },
    ];
  });
  return {
    title: `${verb} ${app.name} on ${host.name}`,
    summary: [{ label: "services", text: shown }],
    steps: [
      {
        id: verb,
        title,
        because: "asked for",
        effect: "changes",
        phase: "switch",
        action: exec([compose(app, ...argv, ...own)], { cwd: facts.path }),
      },
      ...(verb === "stop" ? [] : [...gates, ...tellProxies(place, facts, sorted)]),
    ],
    undo: [],
    watch: [],
    undoneBy: { start: `tend stop ${app.name}`, stop: `tend start ${app.name}`, restart: undefined, renew: undefined }[verb],
  };
}

/** New containers of what is there, for a changed env or compose file; the way of the swap is a deploy's. */
export function planRecreate(place: Place, facts: ComposeFacts, context: Drafting, names: readonly ServiceName[]): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: false });
  const chosen = chosenServices(place, facts, names);
  const swaps = moves(place, facts, context, chosen, { forceRecreate: true });
  const all = declaredServices(place, facts.config);
  const found = recordFound(place, facts, context, all);
  const release = nextRelease(facts) + found.length;
  return {
    title: `recreate ${swaps.map((move) => move.service.name).join(", ")} of ${app.name} on ${host.name}`,
    summary: [
      { label: "release", text: `${release}: the same code and images, the settings of today's files` },
      servicesLine(swaps, (move) => strategyText(move.strategy)),
      ...proxyLine(place, facts, swaps),
    ],
    steps: [
      ...found,
      ...swaps.flatMap((move) => move.swap.steps),
      ...publicProbes(place, facts, swaps),
      record(place, facts, context, {
        id: "record",
        title: `record release ${release}`,
        because: "its settings may differ",
        release,
        operation: "recreate",
        by: context.by,
        code: facts.code && { commit: facts.code.head, branch: facts.code.branch, subject: facts.code.subject },
        tags: facts.tags,
        ...releasedImages(facts, all, chosen),
        phase: "finish",
      }),
    ],
    undo: swaps.flatMap((move) => move.swap.undo),
    watch: swaps.flatMap((move) => (move.strategy.kind === "start" ? [] : (publicWatch(place, move.service) ?? []))),
    outcome: `release ${release} of ${app.name} is live`,
    undoneBy: `tend rollback ${app.name}`,
  };
}
