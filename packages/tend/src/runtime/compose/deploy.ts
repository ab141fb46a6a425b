import { liveRelease } from "../../journal/releases.ts";
import { migrationPart } from "../../migrate/part.ts";
import { nothingToDo } from "../nothing.ts";
import type { DeployInput, Draft, Drafting, Place, Wanted } from "../runtime.ts";
import { inLive, inNext, keepersOf, migratorChanged, withLasting } from "./commands.ts";
import { driftOf, leftovers, nextRelease, recordFound, releasedImages, running } from "./found.ts";
import { record } from "./keep.ts";
import { type ComposeFacts, declaredServices } from "./look.ts";
import { anyChanged, moves, proxyLine, servicesLine, startNeeded, strategyText } from "./moves.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";
import { publicProbes, publicWatch } from "./public.ts";
import { fromGit } from "./source-git.ts";
import { fromRegistry } from "./source-images.ts";

/** The next release, from what the host is now to what is wanted: fetched or pulled first, switched last. */
export function planDeploy(place: Place, wanted: Wanted, facts: ComposeFacts, context: Drafting, input: DeployInput): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: true });
  const services = chosenServices(place, facts, input.only);
  const all = declaredServices(place, facts.config);
  const source =
    app.source.kind === "git" ? fromGit(place, wanted, facts, services) : fromRegistry(place, wanted, facts, context, services);
  const swaps = moves(place, facts, context, services, {
    forceRecreate: input.forceRecreate,
    unconditional: source.reconfigures,
  });
  const live = liveRelease(facts);
  const drift = driftOf({ ...facts, head: facts.code?.head }, app);
  const strays = all.flatMap((service) => leftovers(facts, service));
  const down = services.some((service) => service.role !== "one-off" && running(facts, service).length === 0);
  if (live && !source.moves && drift.length === 0 && strays.length === 0 && !down && !input.forceRecreate) {
    return nothingToDo(`release ${live.release} is live and is ${source.text}`);
  }
  const found = recordFound(place, facts, context, all);
  const data = migrationPart(place, facts, context, {
    keepers: keepersOf(place, facts, context.run),
    live: (argv) => inLive(place, facts, app.migrate?.service, argv),
    next: (argv) => inNext(place, facts, app.migrate?.service, argv, source.tags),
    concerned: !app.migrate?.service || services.some((service) => service.name === app.migrate?.service),
    changed: migratorChanged(place, swaps),
    release: found.length > 0 ? nextRelease(facts) : undefined,
    skip: input.skipMigrations,
  });
  const release = nextRelease(facts) + found.length;
  const finish = record(place, facts, context, {
    id: "record",
    title: `record release ${release}`,
    because: "so that it can be brought back",
    release,
    operation: "deploy",
    by: context.by,
    code: source.code,
    tags: { ...facts.tags, ...source.tags },
    ...releasedImages(facts, all, services),
    phase: "finish",
    writes: source.writes,
    data: data.record,
    guard: source.differs ? undefined : anyChanged(swaps),
  });
  const from = live
    ? `release ${live.release} → ${release}${found.length > 0 ? `; what runs now is recorded as ${release - 1} before` : ""}`
    : found.length > 0
      ? `release ${release}, the first by tend`
      : `release ${release}, the first`;
  return {
    title: `deploy ${app.name} on ${host.name} → ${source.text}`,
    summary: [
      { label: "release", text: from },
      ...source.summary,
      ...data.summary,
      servicesLine(
        swaps,
        (move) => `${source.verb(move.service)}${strategyText(move.strategy)}${move.guard ? " if it changed" : ""}`,
      ),
      ...proxyLine(place, facts, swaps),
      ...(drift.length > 0 ? [{ label: "found", text: drift.join("; ") }] : []),
    ],
    steps: [
      ...found,
      ...source.prepare,
      // The database may be one of those.
      ...startNeeded(place, facts, services),
      ...data.backup,
      ...source.enter,
      ...data.migrate,
      ...swaps.flatMap((move) => move.swap.steps.map((step) => withLasting(step, data.lasting))),
      ...publicProbes(place, facts, swaps),
      finish,
    ],
    undo: [...source.undo, ...swaps.flatMap((move) => move.swap.undo)],
    watch: swaps.flatMap((move) => (move.strategy.kind === "start" ? [] : (publicWatch(place, move.service) ?? []))),
    outcome: `release ${release} of ${app.name} is live`,
    undoneBy:
      live || found.length > 0
        ? `tend rollback ${app.name}${data.backups.length > 0 ? ", with --with-data where it migrated" : ""}`
        : undefined,
  };
}
