import type { Proxy } from "../../model/fleet.ts";
import { type Certificate, certificateOf } from "../../tls/certificate.ts";
import { lines, sh } from "../../transport/argv.ts";
import type { Scene } from "../scene.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** A certificate as it is kept where a proxy reads it. */
export interface CertificateFile {
  /** In the proxy's container. */
  readonly path: string;
  /** The proxy's configuration names it. Of nginx alone that is known. */
  readonly configured: boolean;
  readonly certificate: Certificate;
  /** When the file was written, an ISO time: authorities date certificates back. */
  readonly written?: string;
}

export interface ProxyFiles {
  readonly proxy: string;
  /** Why they can't be read: the container doesn't run. */
  readonly closed?: string;
  readonly files: readonly CertificateFile[];
}

/**
 * Run in the proxy's container: what nginx is configured with, and what certbot, acme-companion, Caddy and Traefik keep
 * at their usual places. The leaf alone is printed, and never a key: of Traefik's file, which has both, only certificates.
 */
const IN_CONTAINER = String.raw`show() { # how, file
  case $2 in /*) file=$2 ;; *) file=/etc/nginx/$2 ;; esac
  [ -f "$file" ] || return 0
  echo "$1 $(stat -L -c %Y "$file" 2>/dev/null) $file"
  sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p;/END CERTIFICATE/q' "$file"
}
set -f
for path in $(nginx -T 2>/dev/null | tr ';{}"' '\n\n\n ' | sed -n 's/^[[:space:]]*ssl_certificate[[:space:]]\{1,\}\([^$]*\)$/\1/p' | sort -u); do show configured "$path"; done
set +f
for path in /etc/nginx/certs/*.crt /etc/nginx/certs/live/*/fullchain.pem /etc/letsencrypt/live/*/fullchain.pem /data/caddy/certificates/*/*/*.crt; do show found "$path"; done
if [ -n "$1" ] && [ -f "$1" ]; then echo "store $(stat -L -c %Y "$1" 2>/dev/null) $1"; grep -o '"certificate": *"[^"]*"' "$1"; fi
exit 0`;

/** The proxies of the host that the apps' routes go through. */
export function proxiesOf({ fleet, apps, host }: Scene): readonly Proxy[] {
  const used = new Set(apps.flatMap((app) => app.services.map(({ route }) => route?.proxy)));
  return [...fleet.proxies.values()].filter((proxy) => proxy.host === host.name && used.has(proxy.name));
}

export const certificateFiles = hostPart<readonly ProxyFiles[]>({
  script: (scene) => {
    const proxies = proxiesOf(scene);
    if (proxies.length === 0) return undefined;
    return sh`look() { # proxy, its container, what is run there, Traefik's file
  if said=$(docker exec "$2" sh -c "$3" sh "$4" 2>&1); then printf 'proxy %s\n%s\n' "$1" "$said"
  else printf 'closed %s %s\n' "$1" "$(printf '%s' "$said" | head -n 1)"; fi
}
${lines(proxies.map(({ name, container, tls }) => sh`look ${name} ${container} ${IN_CONTAINER} ${tls?.by === "traefik" ? tls.storage : ""}`))}`;
  },
  read: ({ stdout, stderr }) => {
    const found = stdout
      .split(/^(?=(?:proxy|closed) )/m)
      .filter(Boolean)
      .map(read);
    if (found.length === 0) throw new Unmeasured(stderr.trim().split("\n")[0] || "the proxies' containers said nothing");
    return found;
  },
});

function read(block: string): ProxyFiles {
  const [head = "", ...body] = block.split("\n");
  const [how, proxy = "", ...why] = head.split(" ");
  if (how === "closed") return { proxy, closed: why.join(" ") || "its container can't be asked", files: [] };
  const files = new Map<string, CertificateFile>();
  for (const part of body.join("\n").split(/^(?=(?:configured|found|store) )/m)) {
    const [, kind = "", seconds = "", path = ""] = /^(\w+) (\d*) (.*)$/.exec(part.split("\n")[0] ?? "") ?? [];
    const written = seconds === "" ? undefined : new Date(Number(seconds) * 1000).toISOString();
    for (const [at, certificate] of leaves(kind, part).entries()) {
      const key = kind === "store" ? `${path}#${at + 1}` : path;
      if (!files.has(key)) files.set(key, { path: key, configured: kind === "configured", certificate, written });
    }
  }
  return { proxy, files: [...files.values()] };
}

function leaves(kind: string, part: string): readonly Certificate[] {
  const texts =
    kind === "store"
      ? [...part.matchAll(/"certificate": *"([^"]*)"/g)].map(([, text = ""]) => Buffer.from(text, "base64").toString("utf8"))
      : [part];
  return texts.flatMap((text) => {
    const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
    return pem === undefined ? [] : [certificateOf(pem)];
  });
}
