import { parseOwner } from "../../execute/lock.ts";
import { observe, probe } from "../../observe/observe.ts";
import { appKey, prelude, stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { appOrHost, flag } from "../../params.ts";
import { sh } from "../../transport/argv.ts";

export const unlock = defineOperation({
  kind: "report",
  name: "unlock",
  summary: "Take away the lock of a run that is dead",
  details: "A lock whose holder gave no sign of life for 30 s is taken over by itself; this is for those who won't wait.",
  effect: "changes",
  params: { app: appOrHost(), dryRun: flag("only say who holds it") },
  examples: [{ command: "tend unlock skriptoteket", explains: "when you know that nobody is at work there" }],
  async report(session, input) {
    const place = await session.place(input.app);
    const transport = await session.transport(place.host);
    const lock = sh`${stateFolder(place.host)}/apps/${appKey(place.app)}/lock`;
    const { owner } = await observe(transport, prelude(place.host), {
      owner: probe(sh`cat ${lock}/owner`, (seen) => parseOwner(seen.stdout)),
    });
    if (!owner) {
      const cleared = input.dryRun ? undefined : await transport.run(sh`rm -rf ${lock}`);
      return {
        data: { locked: false },
        lines: [cleared?.exit ? `the lock can't be removed: ${cleared.stderr.trim()}` : `${input.app} isn't locked`],
      };
    }
    const said = `${owner.by}: ${owner.title} (run ${owner.run}, since ${owner.since})`;
    if (input.dryRun) return { data: { locked: true, owner }, lines: [`locked by ${said}`] };
    await transport.run(sh`rm -rf ${lock}`);
    return {
      data: { locked: false, was: owner },
      lines: [`unlocked; it was held by ${said}`, `tend resume ${input.app}  finishes or takes back what that run began`],
    };
  },
});
