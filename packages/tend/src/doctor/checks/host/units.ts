import { duration } from "../../../render/time.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { TimerSeen, UnitSeen } from "../../facts/units.ts";
import { fail, pass, type Severity, type Subject } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";

/** Whose failure host.engine.down tells. */
const ENGINE = /^(docker|containerd|snap\.docker\.dockerd)\.(service|socket)$/;
/** What a host that serves people can't be without. */
const NEEDED = /^(ssh|sshd|cron|nginx|caddy|traefik|haproxy|postgresql|certbot|ddclient|systemd-networkd|systemd-resolved|ufw)\b/;
/** Seconds that a timer may be late: AccuracySec is a minute, and RandomizedDelaySec may add to it. */
const LATE = 900;

export const unitFailed = defineCheck({
  id: "host.unit.failed",
  severity: "error",
  finds: "a systemd unit that failed",
  about:
    "What `systemctl --failed` lists, with the end of its log. An error where the unit speaks of a declared app or of Docker, or is one that a server needs; a warning for others. What a timer starts is told of by host.timer.stale.",
  remedy:
    "Read `journalctl -u UNIT`, mend the reason, `sudo systemctl restart UNIT`; `systemctl reset-failed UNIT` for one that isn't needed any more.",
  fixClass: "person",
  *judge({ units }, scene) {
    const byTimer = new Set(units.timers.map((timer) => timer.service?.name));
    const failed = units.failed.filter((unit) => !byTimer.has(unit.name) && !ENGINE.test(unit.name));
    if (failed.length === 0) yield pass(subjectOf(scene));
    for (const unit of failed) {
      yield fail(subjectOfUnit(scene, unit, unit.name), {
        severity: NEEDED.test(unit.name) ? "error" : severityOf(unit),
        title: `${unit.name} has failed${unit.description && unit.description !== unit.name ? ` (${unit.description})` : ""}`,
        evidence: [outcomeOf(unit), ...unit.log],
        fix: {
          class: "person",
          text: "read its log, mend the reason, and start it again",
          commands: [sh`journalctl -u ${unit.name} -n 30 --no-pager`, sh`sudo systemctl restart ${unit.name}`],
        },
      });
    }
  },
});

export const timerStale = defineCheck({
  id: "host.timer.stale",
  severity: "error",
  finds: "a systemd timer whose work fails, or that doesn't go off",
  about:
    "A timer fails in silence: the clean-up, the backup or the renewal that it starts isn't done any more. Told are timers whose last run failed, that are overdue, and that are enabled and not started. An error where the work speaks of a declared app or of Docker.",
  remedy: "Read `journalctl -u` of the service that it starts, mend the reason, and run it once: `sudo systemctl start SERVICE`.",
  fixClass: "person",
  *judge({ units }, scene) {
    for (const timer of units.timers) {
      if (timer.barred) continue;
      const subject = subjectOfUnit(scene, timer.service, timer.name);
      const service = timer.service?.name ?? timer.name.replace(/\.timer$/, ".service");
      const trouble = troubleOf(timer);
      if (!trouble) {
        yield pass(subject);
        continue;
      }
      yield fail(subject, {
        severity: timer.service ? severityOf(timer.service) : "warning",
        title: `${timer.name}: ${trouble}`,
        evidence: [
          ...(timer.service ? [outcomeOf(timer.service)] : []),
          timer.last === undefined
            ? "it has not gone off since the host started"
            : `it last went off ${duration(timer.last)} ago`,
          ...(timer.service?.log ?? []),
        ],
        fix: {
          class: "person",
          text: timer.active ? "read the log of what it starts, mend the reason, and run it once" : "start it",
          commands: timer.active
            ? [sh`journalctl -u ${service} -n 30 --no-pager`, sh`sudo systemctl start ${service}`]
            : [sh`sudo systemctl enable --now ${timer.name}`],
        },
      });
    }
  },
});

function troubleOf({ enabled, active, service, next }: TimerSeen): string | undefined {
  if (service && service.result !== "success" && service.active !== "activating") return `its last run of ${service.name} failed`;
  if (enabled && !active) return "it is enabled and doesn't run, so it never goes off";
  if (active && next !== undefined && next < -LATE) {
    return service?.active === "activating" || service?.active === "active"
      ? `${service.name} has not come to an end, so it doesn't go off`
      : `it should have gone off ${duration(-next)} ago`;
  }
  return undefined;
}

function outcomeOf({ name, result, status }: UnitSeen): string {
  return `${name}: ${result}${status ? `, exit ${status}` : ""}`;
}

function severityOf({ apps, docker }: UnitSeen): Severity {
  return apps.length > 0 || docker ? "error" : "warning";
}

/** Of the app that it speaks of, where there is one. */
function subjectOfUnit(scene: Scene, unit: UnitSeen | undefined, name: string): Subject {
  return subjectOf(scene, unit?.apps[0], name);
}
