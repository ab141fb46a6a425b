import { defineOperation } from "../../operation.ts";
import { app, services } from "../../params.ts";
import type { PowerVerb } from "../../runtime/runtime.ts";

const params = { app: app(), only: services("only these services") };

function power(verb: PowerVerb, summary: string, explains: string) {
  return defineOperation({
    kind: "planned",
    name: verb,
    summary,
    effect: "changes",
    params,
    examples: [{ command: `tend ${verb} skriptoteket`, explains }],
    targets: (input) => [input.app],
    draft: (situation, context, input) => situation.power(context, verb, input.only),
  });
}

export const start = power(
  "start",
  "Start an app's containers and wait until they are healthy",
  "what is up already stays as it is",
);
export const stop = power("stop", "Stop an app's containers; they and their data stay", "tend start brings them back");
export const restart = power(
  "restart",
  "Restart an app's containers and wait until they are healthy",
  "the same containers, stopped and started",
);

export const recreate = defineOperation({
  kind: "planned",
  name: "recreate",
  summary: "Make new containers of the same release, for a changed env or compose file",
  details: "The containers are swapped as in a deploy: without downtime where that can be, and it is said where not.",
  effect: "changes",
  params,
  examples: [{ command: "tend recreate skriptoteket --only web", explains: "after a change in its .env" }],
  targets: (input) => [input.app],
  draft: (situation, context, input) => situation.recreate(context, input.only),
});
