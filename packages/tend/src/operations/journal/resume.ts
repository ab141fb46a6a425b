import { defineOperation } from "../../operation.ts";
import { appOrHost } from "../../params.ts";

export const resume = defineOperation({
  kind: "resumed",
  name: "resume",
  summary: "Finish what an interrupted run began, or take it back",
  details: `A run whose tend was killed, or whose connection broke, goes on where its journal ends: what is done stays done,
what the host still does is waited for, and what failed meanwhile is taken back.`,
  effect: "changes",
  params: { app: appOrHost() },
  examples: [
    { command: "tend resume skriptoteket", explains: "after a crash, a closed laptop, a lost connection" },
    { command: "tend resume skriptoteket --dry-run", explains: "what is left to do" },
  ],
  targets: (input) => [input.app],
});
