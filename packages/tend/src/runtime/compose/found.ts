import { liveRelease } from "../../journal/releases.ts";
import { recordOfData } from "../../migrate/part.ts";
import type { App, Service } from "../../model/fleet.ts";
import type { Step } from "../../plan/plan.ts";
import type { Drafting, Place } from "../runtime.ts";
import { inLive, keepersOf } from "./commands.ts";
import type { ContainerFacts } from "./containers.ts";
import { record } from "./keep.ts";
import type { ComposeFacts } from "./look.ts";
import { called } from "./place.ts";

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
      data: recordOfData(place, keepersOf(place, facts, context.run), {
        live: (argv) => inLive(place, facts, place.app.migrate?.service, argv),
      }),
    }),
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
