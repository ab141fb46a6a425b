import type { Query, Runtime, Situation } from "../runtime.ts";
import { glance } from "./glance.ts";
import { type ProcessAnswers, processProbes, readFacts } from "./look.ts";
import { processSituation } from "./situation.ts";

/** No engine at all: releases in folders, each service a process of its own, and a front that holds its port. */
export const processRuntime: Runtime = {
  kind: "process",
  look(place, wanted): Query<Situation> {
    return {
      probes: processProbes(place, wanted),
      read: (answers) => processSituation(place, wanted, readFacts(place, answers as unknown as ProcessAnswers)),
    };
  },
  glance,
};
