import type { Proxy } from "../../model/fleet.ts";
import type { Certbot } from "../../model/renewal.ts";
import { CHALLENGE } from "../../tls/challenge.ts";
import { lines, remotePath, type Script, sh } from "../../transport/argv.ts";
import { proxiesOf } from "./certificate-files.ts";
import { hostPart } from "./part.ts";

/** What a proxy's declared renewal says of itself. */
export interface RenewalSeen {
  readonly proxy: string;
  readonly by: "acme-companion" | "certbot";
  /** `4.0.0`; undefined where it can't be told. */
  readonly version?: string;
  /** acme-companion's ACME_RENEW_AFTER, in days. */
  readonly renewAfter?: number;
  /** certbot on the host: whether anything calls it by itself. */
  readonly scheduled?: "yes" | "no";
  /** certbot: the lineages' own hooks, and those for all of them. */
  readonly hooks?: { readonly before: boolean; readonly after: boolean };
  /** A file that was put where challenges are answered; it goes away by itself. */
  readonly probe?: string;
  /** Why that could not be done. */
  readonly unprobed?: string;
  readonly failures: readonly RenewalFailure[];
}

/** What an authority said when it refused. */
export interface RenewalFailure {
  readonly domain?: string;
  /** ISO time. */
  readonly at: string;
  /** Of ACME: `rateLimited`, `unauthorized`, `connection`, `dns`. */
  readonly type: string;
  readonly detail: string;
}

const LOG = "/var/log/letsencrypt";
/** Seconds that the probe's file stays: longer than a look takes. */
const STAYS = 30;
/** Put where a challenge's answer would be, under a name of its own, and taken away again whatever becomes of tend. */
const PUT = `umask 022; mkdir -p "$1" && echo "$2" >"$1/$2" && { sleep ${STAYS}; rm -f "$1/$2"; }`;
/** acme-companion's webroot: a volume that the proxy serves. */
const COMPANION_ROOT = "/usr/share/nginx/html";

/** Log lines that say what became of an attempt. */
const TELLING = "urn:ietf:params:acme:error|Verify error|Verification error|Creating/renewal|rateLimited|too many ";

export const renewals = hostPart<readonly RenewalSeen[]>({
  script: (scene) => {
    const scripts = proxiesOf(scene).flatMap((proxy) => scriptOf(proxy) ?? []);
    if (scripts.length === 0) return undefined;
    return sh`token=tend-$(date +%s)-$$
${lines(scripts)}
exit 0`;
  },
  read: ({ stdout }) => stdout.split(/^(?=renewal )/m).flatMap((block) => (block.startsWith("renewal ") ? [read(block)] : [])),
});

function scriptOf({ name, container, tls }: Proxy): Script | undefined {
  if (tls?.by === "acme-companion") {
    return sh`echo renewal ${name} acme-companion
docker container inspect --format '{{range .Config.Env}}{{println .}}{{end}}image={{.Config.Image}}' ${tls.container} 2>/dev/null | grep -E '^(COMPANION_VERSION|ACME_RENEW_AFTER|image)='
${probeIn(tls.container, `${COMPANION_ROOT}${CHALLENGE}`)}
docker logs --timestamps --tail 5000 ${tls.container} 2>&1 | grep -E ${TELLING} | tail -n 60 | cut -c 1-600 | sed 's/^/log /'`;
  }
  if (tls?.by === "certbot") {
    return sh`echo renewal ${name} certbot
${isOnHost(tls) ? onHost(tls) : undefined}
${tls.webroot === undefined ? undefined : webrootProbe(tls, tls.webroot, container)}`;
  }
  return undefined;
}

/** Whether certbot is a program of the host, not one in a container. */
export function isOnHost({ run }: Certbot): boolean {
  return run.every((word) => !/(^|\/)(docker|podman)(-compose)?$/.test(word));
}

/** sudo where certbot itself is called so; it never asks for a password. */
function asCertbot({ run }: Certbot): Script {
  return run[0] === "sudo" ? sh`sudo -n` : sh`command`;
}

function onHost(tls: Certbot): Script {
  const as = asCertbot(tls);
  const run = tls.run[0] === "sudo" ? ["sudo", "-n", ...tls.run.slice(1)] : tls.run;
  return sh`( cd ${remotePath(tls.in ?? "/")} && ${run} --version 2>/dev/null | sed -n 's/^certbot \([0-9.]*\).*/version \1/p' )
if systemctl list-timers --all --no-legend 2>/dev/null | grep -q certbot || grep -rqs certbot /etc/cron.d /etc/crontab /etc/cron.daily /var/spool/cron; then echo scheduled yes
elif [ "$( ${as} id -u)" = 0 ] && command -v systemctl >/dev/null; then echo scheduled no; fi
count() { "$@" 2>/dev/null | grep -c .; }
if ${as} test -r /etc/letsencrypt/renewal; then
  before=$(( $(count ${as} grep -rlE '^pre_hook' /etc/letsencrypt/renewal) + $(count ${as} find /etc/letsencrypt/renewal-hooks/pre -type f) ))
  after=$(( $(count ${as} grep -rlE '^(renew|post)_hook' /etc/letsencrypt/renewal) + $(count ${as} find /etc/letsencrypt/renewal-hooks/deploy /etc/letsencrypt/renewal-hooks/post -type f) ))
  echo "hooks $before $after"
fi
for log in $( ${as} find ${LOG} -name 'letsencrypt.log*' -mtime -30 2>/dev/null | sort -t . -k 3n | head -n 10); do
  echo "ran $( ${as} stat -c %Y "$log")"
  ${as} grep -E '^ +(Domain|Type|Detail): |urn:ietf:params:acme:error' "$log" | tail -n 30 | cut -c 1-600 | sed 's/^/log /'
done`;
}

function webrootProbe(tls: Certbot, webroot: string, proxy: string): Script {
  const folder = `${webroot.replace(/\/+$/, "")}${CHALLENGE}`;
  if (!isOnHost(tls)) return probeIn(proxy, folder);
  return sh`${asCertbot(tls)} sh -c 'mkdir -p "$1" && test -w "$1"' sh ${folder} 2>/dev/null && {
  ${asCertbot(tls)} setsid sh -c ${PUT} sh ${folder} "$token" >/dev/null 2>&1 </dev/null &
  echo "probe $token"
} || echo ${`unprobed ${folder} can't be written`}`;
}

function probeIn(container: string, folder: string): Script {
  return sh`if said=$(docker exec --detach ${container} sh -c ${PUT} sh ${folder} "$token" 2>&1); then echo "probe $token"
else echo "unprobed $(printf '%s' "$said" | head -n 1)"; fi`;
}

function read(block: string): RenewalSeen {
  const [head = "", ...rows] = block.split("\n");
  const [, proxy = "", by] = head.split(" ");
  const said = (key: string) => rows.find((row) => row.startsWith(key))?.slice(key.length);
  const hooks = /^(\d+) (\d+)$/.exec(said("hooks ") ?? "");
  const after = Number(said("ACME_RENEW_AFTER="));
  const image = /:(\d+(?:\.\d+)+)/.exec(said("image=") ?? "")?.[1];
  return {
    proxy,
    by: by === "certbot" ? "certbot" : "acme-companion",
    version: said("version ") ?? /\d+(\.\d+)+/.exec(said("COMPANION_VERSION=") ?? "")?.[0] ?? image,
    renewAfter: after > 0 ? after : undefined,
    scheduled: said("scheduled ") as RenewalSeen["scheduled"],
    hooks: hooks ? { before: Number(hooks[1]) > 0, after: Number(hooks[2]) > 0 } : undefined,
    probe: said("probe "),
    unprobed: said("unprobed "),
    failures: by === "certbot" ? ofCertbot(rows) : ofCompanion(rows),
  };
}

/** A log a run, the newest first; each failed domain has three lines in it. */
function ofCertbot(rows: readonly string[]): readonly RenewalFailure[] {
  const failures: RenewalFailure[] = [];
  let at = "";
  let [domain, type]: [string | undefined, string] = [undefined, ""];
  for (const row of rows) {
    const ran = /^ran (\d+)$/.exec(row)?.[1];
    if (ran !== undefined) [at, domain, type] = [new Date(Number(ran) * 1000).toISOString(), undefined, ""];
    const [, key, value = ""] = /^log +(Domain|Type|Detail): +(.*)$/.exec(row) ?? [];
    if (key === "Domain") domain = value;
    if (key === "Type") type = value;
    if (key === "Detail") failures.push({ domain, at, type, detail: value });
    if (/urn:ietf:params:acme:error:rateLimited/.test(row)) {
      const lineage = /Failed to renew certificate (\S+) with error/.exec(row)?.[1];
      failures.push({ domain: lineage, at, type: "rateLimited", detail: detailOf(row) });
    }
  }
  return failures;
}

/** One log for all; an attempt begins with the line that names its domain. */
function ofCompanion(rows: readonly string[]): readonly RenewalFailure[] {
  let last = new Map<string, RenewalFailure>();
  let domain = "";
  for (const row of rows) {
    const [, at = "", said = ""] = /^log (\S+) (.*)$/.exec(row) ?? [];
    const begun = /Creating\/renewal (\S+) certificates/.exec(said)?.[1];
    if (begun !== undefined) {
      domain = begun;
      last = new Map([...last].filter(([key]) => key !== domain));
    } else if (at !== "" && !Number.isNaN(Date.parse(at))) {
      const type =
        /urn:ietf:params:acme:error:(\w+)/.exec(said)?.[1] ?? (/too many /.test(said) ? "rateLimited" : "unauthorized");
      last.set(domain, { domain: domain || undefined, at: new Date(at).toISOString(), type, detail: detailOf(said) });
    }
  }
  return [...last.values()];
}

/** What the authority says, out of a program's line about it. */
function detailOf(line: string): string {
  return (
    /"detail": ?"([^"]+)"/.exec(line)?.[1] ??
    line
      .split(" :: ")
      .at(-1)
      ?.replace(/^(log )?(\[[^\]]*\] ?)?/, "") ??
    line
  );
}
