import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const stateBroken = defineCheck({
  id: "tend.state.broken",
  follows: ["host.disk.space"],
  severity: "error",
  finds: "tend's own folder on a host, where it can't be written or others can look in",
  about:
    "Journal, releases and locks are there, and copies of env files: it belongs to the ssh user alone, mode 0700. Where it can't be written, nothing can be done on the host. A line of the journal that was cut off is passed over, and only worth knowing.",
  remedy: "`chmod 700` of the folder; `sudo chown -R USER` where somebody else worked there as root.",
  fixClass: "safe",
  *judge({ state, engine }, scene) {
    const subject = subjectOf(scene);
    const { folder, mode, owner, writable, kept } = state;
    if (mode === undefined) {
      yield skip(subject, "there is none yet");
      return;
    }
    const torn = kept.filter((one) => one.torn > 0);
    if (!writable) {
      yield fail(subject, {
        title: `tend can't write its folder ${folder}`,
        evidence: [`it belongs to ${owner}, mode ${mode}; tend works as ${engine.user}`],
        fix: {
          class: "person",
          text: "give it to the ssh user, or free the disk where that is full or read-only",
          commands: [sh`sudo chown -R ${engine.user} ${folder}`],
        },
      });
    } else if (!/[0-7]00$/.test(mode)) {
      yield fail(subject, {
        severity: "warning",
        title: `others can look into tend's folder ${folder}, where copies of env files are`,
        evidence: [`mode ${mode}, not 700`],
        fix: {
          class: "safe",
          text: "only its owner may look into it",
          commands: [sh`chmod 700 ${folder}`],
          undo: [sh`chmod ${mode} ${folder}`],
        },
      });
    } else if (torn.length > 0) {
      yield fail(subject, {
        severity: "info",
        title: `${torn.map((one) => one.of).join(", ")}: lines of the journal were cut off`,
        evidence: torn.map((one) => `${one.of}: ${one.torn} of the last 300 lines can't be read`),
        cause: "a full disk or a power cut",
        fix: { class: "person", text: "nothing has to be done: such lines are passed over" },
      });
    } else yield pass(subject);
  },
});
