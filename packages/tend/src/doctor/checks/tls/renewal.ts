import type { Proxy } from "../../../model/fleet.ts";
import type { Certificate } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import { known } from "../../facts/part.ts";
import type { RenewalSeen } from "../../facts/renewals.ts";
import { fail, pass, type Subject } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { subjectOfDomain } from "./shown.ts";

const DAY = 86_400_000;
/** What acme.sh waits unless it is told otherwise. */
const ACME_SH_DAYS = 60;
/** certbot before 4.0: so many days before the end, whatever the lifetime. */
const CERTBOT_DAYS = 30;
/** A renewal that leaves less than this has no room for a failure. */
const ROOM = 0.14;

export const renewalOld = defineCheck({
  id: "tls.acme.renewal-old",
  severity: "error",
  finds: "a renewal that is too old for how long certificates live today",
  about:
    "acme-companion before 2.8.2 renews 60 days after the issue, whatever the lifetime: 64-day certificates get 4 days of room, 45-day ones expire first. certbot before 4.0 renews 30 days before the end: what lives shorter is renewed at every run, until the authority's limit. Let's Encrypt's default becomes 64 days in February 2027, and 45 in 2028.",
  remedy: "acme-companion 2.8.2 or newer with ACME_RENEW_AFTER=30; certbot 4.1 or newer, which asks the authority when (ARI).",
  fixClass: "person",
  *judge(seen, scene) {
    const files = known(() => seen.certificateFiles) ?? [];
    for (const renewal of seen.renewals ?? []) {
      const subject = subjectOf(scene, renewal.proxy);
      const kept = files.find((one) => one.proxy === renewal.proxy)?.files.map(({ certificate }) => certificate) ?? [];
      const [shortest] = kept.filter(({ selfSigned }) => !selfSigned).sort((one, other) => daysOf(one) - daysOf(other));
      if (renewal.version === undefined || !shortest) continue;
      const verdict = renewal.by === "certbot" ? ofCertbot(renewal, daysOf(shortest)) : ofCompanion(renewal, daysOf(shortest));
      if (!verdict) {
        yield pass(subject);
        continue;
      }
      yield fail(subject, {
        severity: verdict.severity,
        title: verdict.title,
        evidence: [
          `${renewal.by} ${renewal.version}${renewal.renewAfter === undefined ? "" : `, ACME_RENEW_AFTER=${renewal.renewAfter}`}`,
          `${shortest.names[0] ?? shortest.subject}: ${daysOf(shortest)} days, by ${shortest.issuer}`,
        ],
        cause: verdict.cause,
        fix: { class: "person", text: verdict.fix },
        reaches: reached(scene, renewal.proxy),
      });
    }
  },
});

interface Old {
  readonly severity: "error" | "warning" | "info";
  readonly title: string;
  readonly cause: string;
  readonly fix: string;
}

function ofCompanion({ version = "", renewAfter }: RenewalSeen, days: number): Old | undefined {
  const obeys = isAtLeast(version, [2, 8, 2]);
  const after = (obeys ? renewAfter : undefined) ?? ACME_SH_DAYS;
  const left = days - after;
  const cause = obeys
    ? `it is set to renew after ${after} days`
    : "that version renews after 60 days, and can't be told otherwise";
  const fix = obeys ? "set ACME_RENEW_AFTER=30 for it" : "take acme-companion 2.8.2 or newer, with ACME_RENEW_AFTER=30";
  if (left <= 0) {
    return {
      severity: "error",
      title: `acme-companion ${version} lets certificates of ${days} days expire: it renews after ${after}`,
      cause,
      fix,
    };
  }
  if (left / days < ROOM) {
    return {
      severity: "warning",
      title: `acme-companion ${version} renews certificates of ${days} days ${left} days before they end`,
      cause,
      fix,
    };
  }
  if (!obeys) {
    return {
      severity: "info",
      title: `acme-companion ${version} will be too late for certificates of 64 days, Let's Encrypt's default from February 2027`,
      cause,
      fix,
    };
  }
  return undefined;
}

function ofCertbot({ version = "" }: RenewalSeen, days: number): Old | undefined {
  if (isAtLeast(version, [4, 0, 0]) || days > CERTBOT_DAYS) return undefined;
  return {
    severity: "warning",
    title: `certbot ${version} renews certificates of ${days} days at every run, until the authority's limit`,
    cause: "that version renews 30 days before the end, whatever the lifetime",
    fix: "take certbot 4.1 or newer, or set renew_before_expiry in the lineage's file",
  };
}

export const unscheduled = defineCheck({
  id: "tls.acme.unscheduled",
  severity: "warning",
  finds: "a certbot that nothing calls by itself, or that can't renew when it is called",
  about:
    "Looked at are systemd's timers, cron's files and the hooks of certbot on the host. With `how: standalone` it needs port 80, so hooks have to stop and start the proxy; with `how: webroot` one has to reload it. A renewal that tend runs does both itself.",
  remedy: "Enable certbot's timer; give it hooks in /etc/letsencrypt/renewal-hooks/, as the guide on certificates shows.",
  fixClass: "person",
  *judge({ renewals = [] }, scene) {
    for (const renewal of renewals) {
      const subject = subjectOf(scene, renewal.proxy);
      const proxy = [...scene.fleet.proxies.values()].find(({ name }) => name === renewal.proxy);
      if (renewal.by !== "certbot" || !proxy || renewal.scheduled === undefined) continue;
      const verdict = gapOf(renewal, proxy);
      if (!verdict) yield pass(subject);
      else yield fail(subject, { ...verdict, reaches: reached(scene, renewal.proxy) });
    }
  },
});

function gapOf({ scheduled, hooks }: RenewalSeen, proxy: Proxy) {
  const { container, tls } = proxy;
  const standalone = tls?.by === "certbot" && tls.webroot === undefined;
  const evidence = [
    `a timer or a cron job calls certbot: ${scheduled}`,
    ...(hooks ? [`hooks before: ${hooks.before ? "yes" : "no"}, after: ${hooks.after ? "yes" : "no"}`] : []),
  ];
  if (scheduled === "no") {
    return {
      title: `nothing calls certbot for ${proxy.name}: its certificates will expire`,
      evidence,
      fix: { class: "person" as const, text: "let it be called twice a day: systemctl enable --now certbot.timer" },
    };
  }
  if (!hooks || (hooks.after && (hooks.before || !standalone))) return undefined;
  return standalone
    ? {
        title: `certbot's own renewals for ${proxy.name} will fail: the proxy holds port 80 and no hook stops it`,
        evidence,
        fix: {
          class: "person" as const,
          text: `add hooks in /etc/letsencrypt/renewal-hooks: pre/ with docker stop ${container}, post/ with docker start ${container}`,
        },
      }
    : {
        title: `nothing reloads ${proxy.name} after certbot's own renewals: it will serve the old certificate until it expires`,
        evidence,
        fix: {
          class: "person" as const,
          text: `add an executable file in /etc/letsencrypt/renewal-hooks/deploy with docker exec ${container} nginx -s reload`,
        },
      };
}

function reached(scene: Scene, proxy: string): readonly Subject[] {
  return scene.apps.flatMap((app) =>
    app.services.flatMap(({ route }) =>
      route?.proxy === proxy ? [subjectOfDomain(scene, { app: app.name, domain: route.domain })] : [],
    ),
  );
}

function daysOf({ from, until }: Certificate): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / DAY);
}

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  for (const [at, part] of wanted.entries()) {
    const own = parts[at] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
