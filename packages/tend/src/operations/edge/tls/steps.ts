import { createHash } from "node:crypto";
import type { Proxy } from "../../../model/fleet.ts";
import type { Certbot } from "../../../model/renewal.ts";
import type { Step, Undo } from "../../../plan/plan.ts";
import { exec } from "../../../plan/print.ts";
import { lifeOf } from "../../../tls/certificate.ts";
import { lines, remotePath, type Script, sh } from "../../../transport/argv.ts";
import { type DomainSeen, isAmong, meant, sameNames } from "./look.ts";

/** What is to be renewed: a certificate on disk with the domains that it is for, or one that isn't there yet. */
export interface Due {
  /** certbot's name for it, a folder under live/; undefined where the proxy doesn't read it from there. */
  readonly lineage?: string;
  readonly domains: readonly string[];
  /** Where the proxy's container has it, and what it is now. */
  readonly path: string;
  readonly fingerprint?: string;
}

/** SHA-256 of nothing: what a missing file comes to. */
const NOTHING = createHash("sha256").digest("hex");
const LINEAGE = /\/live\/([^/]+)\/[^/]+$/;

/** Which of them want renewing: all with `force`, else where a third of the lifetime or less is left, or there is none. */
export function dueOf(domains: readonly DomainSeen[], now: Date, force: boolean): readonly Due[] {
  const due = new Map<string, Due>();
  for (const { domain, proxy, files = [] } of domains) {
    for (const kept of renewable(proxy, files)) {
      if (kept && !force && !lifeOf(kept.certificate, now).due) continue;
      const lineage = LINEAGE.exec(kept?.path ?? "")?.[1];
      const path =
        kept?.path ??
        (proxy?.tls?.by === "certbot" ? `/etc/letsencrypt/live/${domain}/fullchain.pem` : `/etc/nginx/certs/${domain}.crt`);
      const known = due.get(path);
      due.set(path, { lineage, path, fingerprint: kept?.certificate.fingerprint, domains: [...(known?.domains ?? []), domain] });
    }
  }
  return [...due.values()];
}

/** A domain's certificate, and its twin with a key of the other kind; undefined for the one that is missing. */
function renewable(proxy: Proxy | undefined, files: NonNullable<DomainSeen["files"]>) {
  const lineages = proxy?.tls?.by === "certbot" ? files.filter(({ path }) => LINEAGE.test(path)) : files;
  const [first, ...others] = lineages.length > 0 ? lineages : files;
  const twins = others.filter((one) => first?.configured && one.configured && sameNames(one.certificate, first.certificate));
  return [first, ...twins];
}

/** Served from what is on disk no more: a reload is all that is missing. */
export function isStale({ at, files = [] }: DomainSeen): boolean {
  const kept = meant(files);
  return at.some(({ served }) => {
    const leaf = served.kind === "served" ? served.chain[0] : undefined;
    return leaf && !isAmong(leaf, kept) && kept.some(({ certificate }) => Date.parse(leaf.from) < Date.parse(certificate.from));
  });
}

export interface Work {
  readonly steps: readonly Step[];
  readonly undo: readonly Undo[];
}

/** What renews them behind this proxy, makes it read them, and shows that there are new ones. */
export function renewalSteps(proxy: Proxy, due: readonly Due[], stale: boolean): Work {
  const { tls, name } = proxy;
  if (due.length === 0)
    return { steps: stale ? [reloadStep(proxy, "it serves an older certificate than the one on disk")] : [], undo: [] };
  const what = due.flatMap(({ domains }) => domains).join(", ");
  const checks = due.map((one, at) => diskStep(proxy, one, at + 1));
  if (tls?.by === "acme-companion") {
    return {
      steps: [companionStep(tls.container, proxy, due), ...checks, reloadStep(proxy, "it reads certificates only then")],
      undo: [],
    };
  }
  if (tls?.by !== "certbot") return { steps: [], undo: [] };
  const isStandalone = tls.webroot === undefined;
  const step: Step = {
    id: `renew-${name}`,
    title: `renew ${what} with certbot${isStandalone ? `, ${proxy.container} stopped meanwhile` : ""}`,
    because: isStandalone
      ? "certbot answers the authority on port 80 itself; the proxy is started again whatever becomes of it"
      : `the authority asks for a file in ${tls.webroot}`,
    effect: "changes",
    phase: "switch",
    action: exec([isStandalone ? alone(proxy, certbotLines(tls, due)) : certbotLines(tls, due)]),
    fails: {
      id: "tls.renewal",
      title: `certbot could not renew ${what}${isStandalone ? `, or ${proxy.container} not be started again` : ""}`,
      noRegistry: true,
      help: "tend doctor --only tls",
    },
  };
  const undo = isStandalone
    ? [{ of: step.id, title: `start ${proxy.container}`, action: exec([["docker", "start", proxy.container]]) }]
    : [];
  return { steps: [step, ...checks, reloadStep(proxy, "it reads certificates only then")], undo };
}

function certbotLines(tls: Certbot, due: readonly Due[]): Script {
  const run = tls.run[0] === "sudo" ? ["sudo", "-n", ...tls.run.slice(1)] : tls.run;
  const how = tls.webroot === undefined ? ["--standalone"] : ["--webroot", "--webroot-path", tls.webroot];
  const each = due.map(({ lineage, domains }) => {
    const verb =
      lineage === undefined
        ? ["certonly", "--cert-name", domains[0] ?? "", ...domains.flatMap((domain) => ["-d", domain])]
        : ["renew", "--cert-name", lineage, "--no-random-sleep-on-renew"];
    return sh`${run} ${verb} ${how} --force-renewal --non-interactive || failed=$?`;
  });
  // One that is refused is no reason for the others to run out.
  return lines([
    ...(tls.in === undefined ? [] : [sh`cd ${remotePath(tls.in)} || exit 1`]),
    sh`failed=0`,
    ...each,
    sh`exit $failed`,
  ]);
}

/**
 * With the proxy stopped, and started again whatever happens: by a trap when this ends or is told to end, by a process of
 * its own when it is killed. What was not running before is left so.
 */
function alone({ container }: Proxy, work: Script): Script {
  const script = sh`if [ "$(docker container inspect --format '{{.State.Running}}' ${container})" = true ]; then
  back() { status=$?; trap - EXIT; docker start ${container} >/dev/null || status=1; exit $status; }
  trap back EXIT
  trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
  : "$($(command -v setsid) sh -c ${AFTER_DEATH} sh $$ ${container} </dev/null &)"
  docker stop -t 10 ${container} >/dev/null || exit 1
fi
${work}`;
  return sh`sh -c ${script.text}`;
}

/** Once it lets go of its output it stands by itself, out of reach of what ends the others; until then it is waited for. */
const AFTER_DEATH = 'trap "" HUP INT TERM; exec >/dev/null 2>&1; while kill -0 "$1"; do sleep 1; done; docker start "$2"';

function companionStep(container: string, proxy: Proxy, due: readonly Due[]): Step {
  const isNew = due.every(({ fingerprint }) => fingerprint === undefined);
  const what = due.flatMap(({ domains }) => domains).join(", ");
  return {
    id: `renew-${proxy.name}`,
    title: isNew
      ? `let ${container} look for what is missing: ${what}`
      : `let ${container} renew what it manages: ${what}, and the others of its own`,
    because: isNew
      ? "it issues what the containers' LETSENCRYPT_HOST asks for"
      : "it knows no way to renew a single one by force",
    effect: "changes",
    phase: "switch",
    action: exec([["docker", "exec", container, isNew ? "/app/signal_le_service" : "/app/force_renew"]]),
    fails: { id: "tls.renewal", noRegistry: true, title: `${container} could not renew ${what}`, help: "tend doctor --only tls" },
  };
}

/** SHA-256 of the certificate itself, as everybody tells fingerprints; by what every host has. */
function fingerprintOf({ container }: Proxy, path: string): Script {
  return sh`docker exec ${container} sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p;/END CERTIFICATE/q' ${path} 2>/dev/null | grep -v -e ----- | base64 -d 2>/dev/null | sha256sum | cut -d ' ' -f 1`;
}

function diskStep(proxy: Proxy, { path, fingerprint = NOTHING, domains }: Due, at: number): Step {
  return {
    id: `new-${proxy.name}-${at}`,
    title: `a new certificate for ${domains.join(", ")} is on disk`,
    because: "a program may end well and have renewed nothing",
    effect: "reads",
    phase: "switch",
    action: {
      kind: "wait",
      until: `${path} in ${proxy.container} is another one`,
      // certbot has ended by now; the companion may still be at it.
      deadline: proxy.tls?.by === "certbot" ? 5 : 180,
      check: sh`now=$( ${fingerprintOf(proxy, path)})
[ "$now" != ${NOTHING} ] && [ "$now" != ${fingerprint} ]`,
      explain: sh`echo 'the certificate is the one that was there before'
${proxy.tls?.by === "acme-companion" ? sh`docker logs --tail 40 ${proxy.tls.container} 2>&1` : undefined}`,
    },
    fails: {
      id: "tls.renewal",
      noRegistry: true,
      title: `no new certificate for ${domains.join(", ")} has come to ${path}`,
      help: "tend doctor --only tls",
    },
  };
}

function reloadStep({ name, container }: Proxy, because: string): Step {
  return {
    id: `reload-${name}`,
    title: `reload ${name}`,
    because,
    effect: "changes",
    phase: "switch",
    action: exec([
      ["docker", "exec", container, "nginx", "-t"],
      ["docker", "exec", container, "nginx", "-s", "reload"],
    ]),
    fails: {
      id: "tls.renewal",
      noRegistry: true,
      title: `${name} doesn't load its configuration`,
      help: `docker exec ${container} nginx -t`,
    },
  };
}
