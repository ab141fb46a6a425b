import { certificateFiles, type ProxyFiles } from "../../../doctor/facts/certificate-files.ts";
import { type CertificateSeen, certificates } from "../../../doctor/facts/certificates.ts";
import { seenOf } from "../../../doctor/facts/index.ts";
import type { Scene } from "../../../doctor/scene.ts";
import type { Proxy } from "../../../model/fleet.ts";
import { observe, probe } from "../../../observe/observe.ts";
import { prelude } from "../../../observe/place.ts";
import type { Session } from "../../../session.ts";
import { type Certificate, covers } from "../../../tls/certificate.ts";

/** A domain of a route: what is kept for it where its proxy reads it, and what its addresses serve. */
export interface DomainSeen {
  readonly domain: string;
  readonly app: string;
  readonly proxy?: Proxy;
  readonly skipped?: string;
  readonly at: CertificateSeen["at"];
  /** What the proxy's configuration names comes first, then the newest. Undefined where it can't be told. */
  readonly files?: readonly { readonly path: string; readonly certificate: Certificate; readonly configured: boolean }[];
}

/** Looks at the certificates of a host's routes alone: one round trip, and a handshake an address. */
export async function domainsOf(session: Session, scene: Scene): Promise<readonly DomainSeen[]> {
  const first = seenOf({});
  const script = certificateFiles.script(scene, first);
  const signal = session.signal ?? AbortSignal.timeout(30_000);
  const [kept, seen] = await Promise.all([
    script
      ? session
          .transport(scene.host)
          .then((transport) => observe(transport, prelude(scene.host), { files: probe(script, (answer) => answer) }))
          .then(({ files }) => certificateFiles.read(files, scene))
      : [],
    certificates.look(scene, { session, first, signal }),
  ]);
  return joined(scene, seen, kept);
}

export function joined(scene: Scene, seen: readonly CertificateSeen[], kept: readonly ProxyFiles[]): readonly DomainSeen[] {
  return seen.map(({ domain, app, proxy: name, skipped, at }) => {
    const proxy = [...scene.fleet.proxies.values()].find((one) => one.name === name);
    const own = kept.find((one) => one.proxy === name);
    const files =
      own === undefined || own.closed !== undefined
        ? undefined
        : own.files
            .filter(({ certificate }) => covers(certificate, domain))
            .toSorted(
              (one, other) =>
                Number(other.configured) - Number(one.configured) ||
                Date.parse(other.certificate.from) - Date.parse(one.certificate.from),
            );
    return { domain, app, proxy, skipped, at, files };
  });
}
