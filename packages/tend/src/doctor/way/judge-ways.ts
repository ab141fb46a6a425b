import type { Check } from "../check.ts";
import { fail, pass, type Subject, skip } from "../finding.ts";
import { subjectOf } from "../scene.ts";
import { walk } from "./broken.ts";
import type { Place } from "./place.ts";
import { waysOf } from "./routed.ts";

/** An old address of plain nginx's is known by its answers alone, which come later on the way. */
const FURTHER: Partial<Record<Place, Place>> = { "proxy.name.stale": "proxy.upstream.gateway" };

/** The judge of the check for one place: of every declared route, whether it breaks there and nowhere before. */
export function breaksAt(at: Place): Check["judge"] {
  return function* (seen, scene) {
    const told = new Set<Subject>();
    for (const way of waysOf(scene)) {
      const outcome = walk({ seen, scene, way, until: FURTHER[at] ?? at });
      // A proxy that is down is one thing, however many routes it has.
      const subject = at === "proxy.down" ? subjectOf(scene, way.proxy.container) : way.subject;
      if (told.has(subject)) continue;
      told.add(subject);
      if ("beside" in outcome) yield skip(subject, outcome.beside);
      else if ("whole" in outcome) yield pass(subject);
      else if (outcome.broken.at === at) {
        const { at: _, ...what } = outcome.broken;
        const behindIt = [...waysOf(scene)].filter(({ proxy }) => proxy === way.proxy).map((one) => one.subject);
        yield fail(subject, { ...what, reaches: at === "proxy.down" ? behindIt : [subjectOf(scene, way.proxy.container)] });
      }
    }
  };
}
