import { asRoot } from "../../../machine/root.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

/** Seconds that a clock may differ from the one here. What is asked after the look began takes some seconds, too. */
const BEHIND = 30;
const AHEAD = 60;

export const timeSync = defineCheck({
  id: "host.time.sync",
  severity: "warning",
  finds: "a clock that nobody sets, or that is wrong",
  about:
    "Certificates, logins, backups' names and logs all go by the clock. It is compared with the one here, and systemd is asked whether it is kept in time. A container (LXC) has the clock of the machine around it, where only the comparison counts.",
  remedy: "`sudo timedatectl set-ntp true`; where that isn't supported, install systemd-timesyncd or chrony.",
  fixClass: "safe",
  *judge({ machine }, scene) {
    const subject = subjectOf(scene);
    const off = machine.at - scene.now.getTime() / 1000;
    const { time } = machine;
    const enable = {
      class: "safe" as const,
      text: "let systemd keep the clock in time",
      commands: [asRoot(["timedatectl", "set-ntp", "true"])],
      undo: [asRoot(["timedatectl", "set-ntp", "false"])],
    };
    const install = {
      class: "person" as const,
      text: "install what keeps the clock in time",
      commands: [sh`sudo apt-get install systemd-timesyncd`],
    };
    const fix = time?.can && !time.ntp && !machine.contained ? enable : install;
    if (off < -BEHIND || off > AHEAD) {
      yield fail(subject, {
        title: `the clock of ${scene.host.name} is ${Math.round(Math.abs(off))} s ${off < 0 ? "behind" : "ahead of"} the one here`,
        evidence: [
          `there: ${new Date(machine.at * 1000).toISOString()}, here: ${scene.now.toISOString()}`,
          time
            ? `NTP ${time.ntp ? "on" : "off"}, synchronized: ${time.synchronized ? "yes" : "no"}`
            : "systemd doesn't say whether it is kept in time",
        ],
        fix: machine.contained ? { class: "person", text: "set the clock of the machine around it" } : fix,
      });
    } else if (machine.contained) yield skip(subject, "its clock is that of the machine around it");
    else if (!time) yield skip(subject, "systemd doesn't say whether its clock is kept in time");
    // Chrony and ntpd keep the clock without systemd's switch: what counts is that it is in time.
    else if (time.synchronized || machine.uptime < 300) yield pass(subject);
    else {
      yield fail(subject, {
        title: `nobody keeps the clock of ${scene.host.name} in time`,
        evidence: [`NTP ${time.ntp ? "on" : "off"}, synchronized: no`, `it is ${Math.round(off)} s off now`],
        fix: time.ntp
          ? {
              class: "person",
              text: "NTP is on and reaches no server: see timedatectl timesync-status, and let UDP port 123 out",
            }
          : fix,
      });
    }
  },
});
