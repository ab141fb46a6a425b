import type { Proxy } from "../../../model/fleet.ts";
import { type Certificate, covers } from "../../../tls/certificate.ts";
import { addressText } from "../../../tls/endpoint.ts";
import { type Script, sh } from "../../../transport/argv.ts";
import type { CertificateFile, ProxyFiles } from "../../facts/certificate-files.ts";
import type { CertificateSeen } from "../../facts/certificates.ts";
import type { Seen } from "../../facts/index.ts";
import { known } from "../../facts/part.ts";
import { type Fix, type Subject, skip, type Verdict } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";

/** Why a domain may have no good certificate: none was issued. */
export const NOT_ISSUED = ["tls.acme.rate-limited", "tls.acme.wrong-address", "tls.acme.unreachable", "tls.acme.failed"] as const;

/** A certificate at an address. */
export interface Leaf {
  readonly where: string;
  readonly leaf: Certificate;
  /** What it was sent with: the certificates above it. */
  readonly above: readonly Certificate[];
  readonly fault?: string;
}

export interface Shown {
  readonly domain: string;
  readonly subject: Subject;
  readonly proxy?: Proxy;
  readonly leaves: readonly [Leaf, ...Leaf[]];
  /** What is kept for the domain where the proxy reads it; undefined where that can't be told. */
  readonly files?: readonly CertificateFile[];
}

export function subjectOfDomain(scene: Scene, { app, domain }: { readonly app: string; readonly domain: string }): Subject {
  return subjectOf(scene, app, domain);
}

/** Judges each domain that shows a certificate; of the others it is said why there is nothing to judge. */
export function* eachShown(seen: Seen, scene: Scene, judge: (shown: Shown) => Verdict | undefined): Iterable<Verdict> {
  const kept = known(() => seen.certificateFiles);
  for (const one of seen.certificates) {
    const subject = subjectOfDomain(scene, one);
    const [first, ...more] = leavesOf(one);
    if (!first) yield skip(subject, one.skipped ?? "no address shows a certificate");
    else {
      const proxy = [...scene.fleet.proxies.values()].find(({ name }) => name === one.proxy);
      const verdict = judge({ domain: one.domain, subject, proxy, leaves: [first, ...more], files: filesFor(one, kept) });
      if (verdict) yield verdict;
    }
  }
}

function leavesOf({ at }: CertificateSeen): readonly Leaf[] {
  return at.flatMap(({ address, served }) => {
    if (served.kind !== "served") return [];
    const [leaf, ...above] = served.chain;
    return leaf ? [{ where: addressText(address), leaf, above, fault: served.fault }] : [];
  });
}

/** Those that cover the domain: where the configuration is known to name some of them, those alone. */
function filesFor({ proxy, domain }: CertificateSeen, kept: readonly ProxyFiles[] | undefined) {
  const own = kept?.find((one) => one.proxy === proxy);
  if (!own || own.closed !== undefined) return undefined;
  const covering = own.files.filter(({ certificate }) => covers(certificate, domain));
  const configured = covering.filter((file) => file.configured);
  return configured.length > 0 ? configured : covering;
}

export function newest(files: readonly CertificateFile[]): CertificateFile | undefined {
  return files.toSorted((one, other) => Date.parse(other.certificate.from) - Date.parse(one.certificate.from))[0];
}

/** Certificates that proxies make up where they have none for a name. */
const MADE_UP = /^(TRAEFIK DEFAULT CERT|acme-companion|letsencrypt-nginx-proxy-companion|nginx-proxy|localhost|Acme Co)$/i;

export function isMadeUp({ subject, issuer, selfSigned, names }: Certificate, domain: string): boolean {
  return MADE_UP.test(subject) || /^Caddy Local Authority/.test(issuer) || (selfSigned && !covers({ names }, domain));
}

/** For a domain that is shown another certificate than its own: the file to use where one is there, else how to get one. */
export function ownInstead({ domain, proxy, files }: Shown, own: CertificateFile | undefined) {
  const on = own ? `on disk for ${domain}: ${own.path}` : `on disk, no certificate is for ${domain}`;
  const fix: Fix = own
    ? { class: "person", text: `let ${proxy?.name ?? "the proxy"}'s entry for ${domain} name ${own.path}, and reload it` }
    : renewing(domain, proxy, `have a certificate issued for ${domain}`);
  return {
    evidence: files ? [on] : [],
    cause: own && `the proxy's entry for ${domain} doesn't use that file, or isn't there`,
    fix,
  };
}

/** What renews it: tend, where it is declared how. */
export function renewing(domain: string, proxy: Proxy | undefined, text: string): Fix {
  if (proxy?.tls?.by === "acme-companion" || proxy?.tls?.by === "certbot") {
    return { class: "plan", text, operation: `tend tls renew --domain ${domain}` };
  }
  if (proxy?.tls)
    return {
      class: "person",
      text: `${text}: ${proxy.tls.by} does it by itself; its log says what keeps it: docker logs ${proxy.container}`,
    };
  const declare = proxy ? `; tend does it once proxies.${proxy.name}.tls declares how` : "";
  return { class: "person", text: `${text}, with what manages the certificates there${declare}` };
}

/** Makes the proxy read its certificates again; undefined where that is no single safe command. */
export function reload(proxy: Proxy): readonly Script[] | undefined {
  if (proxy.kind !== "nginx" && proxy.kind !== "nginx-proxy") return undefined;
  return [sh`docker exec ${proxy.container} nginx -t`, sh`docker exec ${proxy.container} nginx -s reload`];
}

export function described({ where, leaf }: Leaf): string {
  return `${where}: ${leaf.names.slice(0, 4).join(", ") || leaf.subject || "no name"}, by ${leaf.issuer || "nobody"}, ${day(leaf.from)} to ${day(leaf.until)}`;
}

export function day(iso: string): string {
  return iso.slice(0, 10);
}
