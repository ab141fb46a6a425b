import type { Query, Runtime, Situation } from "../runtime.ts";
import { glance } from "./glance.ts";
import { type ComposeAnswers, composeProbes, readFacts } from "./look.ts";
import { composeSituation } from "./situation.ts";

/** Docker Compose on one host: Engine 20.10 or newer, Compose v2. */
export const composeRuntime: Runtime = {
  kind: "compose",
  look(place, wanted): Query<Situation> {
    return {
      probes: composeProbes(place, wanted),
      read: (answers) => composeSituation(place, wanted, readFacts(place, answers as unknown as ComposeAnswers)),
    };
  },
  glance,
};
