import { certificateFiles, type ProxyFiles } from "../../../doctor/facts/certificate-files.ts";
import { type CertificateSeen, certificates } from "../../../doctor/facts/certificates.ts";
import { seenOf } from "../../../doctor/facts/index.ts";
import type { Scene } from "../../../doctor/scene.ts";
import { ask, known } from "../../../machine/ask.ts";
import type { Proxy } from "../../../model/fleet.ts";
import type { Session } from "../../../session.ts";
import { type Certificate, covers } from "../../../tls/certificate.ts";

/** A domain of a route: what is kept for it where its proxy reads it, and what its addresses serve. */
export interface DomainSeen {
  readonly domain: string;
  readonly app: string;
  readonly proxy?: Proxy;
  readonly skipped?: string;
  readonly at: CertificateSeen["at"];
  /** What the proxy's configuration names comes first, then what has the names that are shown, then the newest. Undefined where it can't be told. */
  readonly files?: readonly Kept[];
}

interface Kept {
  readonly path: string;
  readonly certificate: Certificate;
  readonly configured: boolean;
}

/** What it is to serve: with a key of each kind there are several, and the client chooses. */
export function meant(files: readonly Kept[]): readonly Kept[] {
  const configured = files.filter((one) => one.configured);
  return configured.length > 0 ? configured : files.slice(0, 1);
}

export function isAmong(leaf: Certificate, files: readonly Kept[]): boolean {
  return files.some(({ certificate }) => certificate.fingerprint === leaf.fingerprint);
}

export function sameNames(one: Certificate, other: Certificate): boolean {
  return one.names.toSorted().join() === other.names.toSorted().join();
}

/** Looks at the certificates of a host's routes alone: one round trip, and a handshake an address. */
export async function domainsOf(session: Session, scene: Scene): Promise<readonly DomainSeen[]> {
  const patience = AbortSignal.timeout(30_000);
  const signal = session.signal ? AbortSignal.any([session.signal, patience]) : patience;
  const transport = await session.transport(scene.host);
  const [kept, seen] = await Promise.all([
    ask(transport, scene, { certificateFiles }),
    certificates.look(scene, { session, first: seenOf({}), signal }),
  ]);
  return joined(scene, seen, known(kept.certificateFiles) ?? []);
}

export function joined(scene: Scene, seen: readonly CertificateSeen[], kept: readonly ProxyFiles[]): readonly DomainSeen[] {
  return seen.map(({ domain, app, proxy: name, skipped, at }) => {
    const proxy = [...scene.fleet.proxies.values()].find((one) => one.name === name);
    const own = kept.find((one) => one.proxy === name);
    const shown = at.flatMap(({ served }) => (served.kind === "served" ? served.chain.slice(0, 1) : []));
    const isShown = ({ certificate }: Kept) => shown.some((leaf) => sameNames(leaf, certificate));
    const files =
      own === undefined || own.closed !== undefined
        ? undefined
        : own.files
            .filter(({ certificate }) => covers(certificate, domain))
            .toSorted(
              (one, other) =>
                Number(other.configured) - Number(one.configured) ||
                Number(isShown(other)) - Number(isShown(one)) ||
                Date.parse(other.certificate.from) - Date.parse(one.certificate.from),
            );
    return { domain, app, proxy, skipped, at, files };
  });
}
