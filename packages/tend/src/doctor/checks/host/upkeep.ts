import { duration } from "../../../render/time.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

const DAY = 86_400;
const REBOOT = 14 * DAY;
const LISTS = 30 * DAY;

export const rebootPending = defineCheck({
  id: "host.reboot.pending",
  severity: "warning",
  finds: "a restart that updates have been waiting for, for two weeks or more",
  about:
    "Debian and Ubuntu leave /run/reboot-required when a new kernel or library is used only after a restart; until then the old one, with its holes, runs on. For two weeks it is only worth knowing.",
  remedy: "`sudo reboot` at a quiet time. Containers with a restart policy come back; `tend doctor` tells afterwards.",
  fixClass: "person",
  *judge({ machine }, scene) {
    const subject = subjectOf(scene);
    const { reboot } = machine;
    if (!reboot) yield pass(subject);
    else {
      yield fail(subject, {
        severity: reboot.for >= REBOOT ? "warning" : "info",
        title: `${scene.host.name} has waited for a restart for ${duration(reboot.for)}`,
        evidence: [
          reboot.packages.length > 0 ? `for ${reboot.packages.join(", ")}` : "/run/reboot-required is there",
          `it runs ${machine.kernel}, up for ${duration(machine.uptime)}`,
        ],
        fix: { class: "person", text: "restart it at a quiet time", commands: [sh`sudo reboot`] },
      });
    }
  },
});

export const securityUpdates = defineCheck({
  id: "host.updates.security",
  severity: "warning",
  finds: "security updates that nobody installs",
  about:
    "What apt would install from the security archive, by the package lists that are there. Where unattended-upgrades installs them by itself, it is only worth knowing; where the lists are over a month old, nobody has looked.",
  remedy:
    "`sudo apt-get update && sudo apt-get upgrade`, and `sudo apt-get install unattended-upgrades` so that it needs nobody.",
  fixClass: "person",
  *judge({ updates }, scene) {
    const subject = subjectOf(scene);
    if (!updates) {
      yield skip(subject, "it has no apt");
      return;
    }
    const { security, listed, unattended } = updates;
    const byItself = unattended ? "unattended-upgrades is on" : "unattended-upgrades is off";
    const fix = {
      class: "person" as const,
      text: "install them, and let it be done by itself from now on",
      commands: [sh`sudo apt-get update && sudo apt-get upgrade`, sh`sudo apt-get install unattended-upgrades`],
    };
    if (security.length > 0) {
      yield fail(subject, {
        severity: unattended && listed < LISTS ? "info" : "warning",
        title: `${security.length} security ${security.length === 1 ? "update waits" : "updates wait"} on ${scene.host.name}`,
        evidence: [
          security.slice(0, 8).join(", ") + (security.length > 8 ? ` and ${security.length - 8} more` : ""),
          `${byItself}; the lists are ${duration(listed)} old`,
        ],
        fix,
      });
    } else if (listed >= LISTS) {
      yield fail(subject, {
        title: `nobody has looked for updates of ${scene.host.name} for ${duration(listed)}`,
        evidence: [`the package lists are ${duration(listed)} old`, byItself],
        fix,
      });
    } else yield pass(subject);
  },
});
