import { isAbout, type Remembered, wentThrough } from "../../../dns/ddclient.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { Seen } from "../../facts/index.ts";
import { Unmeasured } from "../../facts/part.ts";
import { type Fix, fail, pass } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { type JudgedName, judgedNames, recordOf } from "./judged.ts";

const CACHE =
  "ddclient keeps what it has sent in a cache of its own (/var/cache/ddclient/ddclient.cache), and compares with that, never with DNS.";

export const ddnsFailed = defineCheck({
  id: "dns.ddns.failed",
  severity: "warning",
  finds: "a name whose last update by ddclient was refused or didn't go through",
  about: `${CACHE} After a refusal it keeps quiet for a while, and ends well, so nothing but the cache tells. When the address changes next, the domain is lost; an error once it leads elsewhere.`,
  remedy:
    "Mend what the status says (`badauth`: the password in /etc/ddclient.conf), then `ddclient -force`; `tend dns update APP` does that and looks whether it worked.",
  fixClass: "plan",
  *judge(seen, scene) {
    for (const entry of remembered(seen)) {
      const subject = subjectOf(scene, "ddclient", entry.host);
      if (entry.status === undefined || wentThrough(entry)) {
        yield pass(subject);
        continue;
      }
      yield fail(subject, {
        title: `ddclient could not update ${entry.host}: ${entry.status}`,
        evidence: [
          `status=${entry.status}, ip=${entry.ip ?? "none"}`,
          `last tried ${when(entry.tried)}; last went through ${when(entry.updated)}`,
        ],
        cause: CAUSES[entry.status] ?? "the provider, or the way to it, refused",
        fix: force(
          scene,
          namesOf(seen, scene, entry),
          CAUSES[entry.status] ? `mend that in /etc/ddclient.conf, then send it anew` : "send it anew",
        ),
        reaches: namesOf(seen, scene, entry).flatMap(({ subject, others }) => [subject, ...others]),
      });
    }
  },
});

const CAUSES: Readonly<Record<string, string>> = {
  badauth: "the login or the password is wrong",
  nohost: "the provider knows no such name in that account",
  notfqdn: "the name in its configuration isn't a full one",
  abuse: "the provider has blocked it for too many updates",
};

export const ddnsStuck = defineCheck({
  id: "dns.ddns.stuck",
  severity: "error",
  finds: "ddclient that believes DNS to be right when it isn't",
  about: `${CACHE} So a record that was changed elsewhere, or an address that it doesn't notice, stays wrong for weeks: its next forced update is up to 25 days away.`,
  remedy:
    "`ddclient -force` sends every address anew, whatever the cache says; `tend dns update APP` does that and looks whether DNS has it.",
  fixClass: "plan",
  follows: ["dns.ddns.down"],
  *judge(seen, scene) {
    for (const entry of remembered(seen)) {
      const { ip, status } = entry;
      if (ip === undefined || !wentThrough(entry)) continue;
      for (const name of namesOf(seen, scene, entry)) {
        const subject = subjectOf(scene, "ddclient", entry.host);
        const { standing, reached } = name;
        const says = name.seen.servers.find(({ outcome }) => outcome === "answer")?.a ?? [];
        const isStuck = says.length > 0 && !says.includes(ip) && (standing.kind === "wrong" || standing.kind === "unknown");
        const isBehind = standing.kind === "wrong" && reached.a !== undefined && !reached.a.includes(ip) && says.includes(ip);
        if (!isStuck && !isBehind) {
          yield pass(subject);
          continue;
        }
        const record = recordOf(name.seen);
        yield fail(subject, {
          title: isBehind
            ? `ddclient holds to ${ip} for ${record}, but ${scene.host.name} is at ${reached.a?.join(", ")}`
            : `ddclient believes that ${record} is at ${ip}, but its name servers say ${says.join(", ")}`,
          evidence: [
            `ddclient: ip=${ip}, status=${status ?? "none"}, sent ${when(entry.updated)}`,
            `${name.seen.servers[0]?.server}: A ${says.join(" ")}`,
            ...(reached.a ? [`${scene.host.name} is at ${reached.a.join(", ")}, ${reached.from}`] : []),
          ],
          cause: isBehind
            ? "it hasn't noticed the new address: how it finds it (use= in its configuration) is wrong, or it hasn't run"
            : "it compares with its cache, not with DNS, so it sees nothing to do",
          fix: force(scene, [name], "send the address anew, whatever it remembers"),
          reaches: [name.subject, ...name.others],
        });
      }
    }
  },
});

export const ddnsDown = defineCheck({
  id: "dns.ddns.down",
  follows: ["host.unit.failed"],
  severity: "warning",
  finds: "ddclient that is switched on, and doesn't run",
  about:
    "With ddclient down the domain stays where it is when the provider gives the line another address: usually at night, within days.",
  remedy: "`systemctl restart ddclient`, and `journalctl -u ddclient` for the reason.",
  fixClass: "person",
  *judge(seen, scene) {
    const { ddclient } = seen;
    if (!ddclient.installed || ddclient.enabled !== "enabled") return;
    const subject = subjectOf(scene, "ddclient");
    if (ddclient.active === "active" || ddclient.active === "activating" || ddclient.active === "reloading") yield pass(subject);
    else {
      yield fail(subject, {
        title: `ddclient is switched on on ${scene.host.name}, and doesn't run (${ddclient.active || "unknown"})`,
        evidence: [`systemctl is-enabled ddclient: ${ddclient.enabled}; is-active: ${ddclient.active || "no answer"}`],
        fix: {
          class: "person",
          text: "see why it ended, and start it again",
          commands: [sh`journalctl -u ddclient -n 20 --no-pager`, sh`sudo systemctl restart ddclient`],
        },
        reaches: keptBy(seen, scene).flatMap(({ subject, others }) => [subject, ...others]),
      });
    }
  },
});

function remembered({ ddclient }: Seen): readonly Remembered[] {
  if (ddclient.installed && ddclient.unreadable && ddclient.remembers.length === 0) {
    throw new Unmeasured("ddclient's cache is root's alone, and sudo asks for a password");
  }
  return ddclient.remembers;
}

/** The domains that an entry is about. */
function namesOf(seen: Seen, scene: Scene, entry: Remembered): readonly JudgedName[] {
  return judgedNames(seen, scene).filter((name) => isAbout(entry, recordOf(name.seen), name.seen.zone));
}

/** The domains that ddclient keeps: those that it remembers; all of them where that isn't known. */
function keptBy(seen: Seen, scene: Scene): readonly JudgedName[] {
  const { remembers } = seen.ddclient;
  return remembers.length > 0 ? remembers.flatMap((entry) => namesOf(seen, scene, entry)) : judgedNames(seen, scene);
}

function force(scene: Scene, names: readonly JudgedName[], text: string): Fix {
  const app = names[0]?.domain.of[0]?.app.name;
  const isDeclared = scene.fleet.dns.keepers.some((keeper) => keeper.kind === "ddclient" && keeper.host === scene.host.name);
  if (isDeclared && app !== undefined) return { class: "plan", text, operation: `tend dns update ${app}` };
  return { class: "person", text, commands: [sh`sudo ddclient -daemon=0 -foreground -force`] };
}

function when(seconds: number): string {
  return seconds > 0 ? `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC` : "never";
}
