import { breachHead } from "../../../render/contract.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const contractKept = defineCheck({
  id: "compose.contract",
  severity: "warning",
  finds: "a compose file that doesn't keep to the contract that its app declares",
  about:
    "Only of apps that declare a `contract`. Compose resolves the files on the host, as it would for a deploy; each service is held against the rules, and what isn't kept is told with its place in the file. A breach whose severity is info is left to `tend check --contract`.",
  remedy:
    "`tend check --contract --live` tells every breach with the lines that mend it; what is meant to be so is declared under `except`, with the reason.",
  fixClass: "person",

  *judge({ contracts }, scene) {
    for (const [name, judged] of Object.entries(contracts ?? {})) {
      const subject = subjectOf(scene, name);
      if ("unread" in judged) {
        yield skip(subject, `its compose files can't be read: ${judged.unread}`);
        continue;
      }
      const breaches = judged.breaches.filter(({ severity }) => severity !== "info");
      if (breaches.length === 0) {
        yield pass(subject);
        continue;
      }
      const [one] = breaches;
      yield fail(subject, {
        title:
          breaches.length === 1
            ? `${name} breaks its contract: ${one?.title}`
            : `${name} breaks its contract in ${breaches.length} places`,
        evidence: breaches.map(breachHead),
        cause: one?.why,
        fix: { class: "person", text: `see what to change, and where: tend check --contract --live ${name}` },
      });
    }
  },
});
