import type { Certificate } from "../../../tls/certificate.ts";
import type { Answered } from "../../../tls/challenge.ts";
import type { Served } from "../../../tls/handshake.ts";
import type { CertificateFile } from "../../facts/certificate-files.ts";
import type { RenewalSeen } from "../../facts/renewals.ts";
import { sceneOf, YAML } from "../../testing.ts";

/** For tests: what is served, kept, renewed and answered for the recorded host's domain. */
export const DOMAIN = "skriptoteket.example";
export const ON = `hemma/skriptoteket/${DOMAIN}`;
const NOW = sceneOf().now.getTime();
export const days = (count: number) => new Date(NOW + count * 86_400_000).toISOString();

/** The recorded host's declaration, with TLS in front of it. */
export const withTls = (tls?: string, kind = "nginx-proxy") =>
  YAML.replace("kind: nginx-proxy,", `kind: ${kind},${tls ? ` tls: ${tls},` : ""}`).replace("http://", "https://");
export const CERTBOT = withTls("{ by: certbot, how: webroot, webroot: /var/www }");

export const certificate = (change: Partial<Certificate> = {}): Certificate => ({
  fingerprint: "aa".repeat(32),
  names: [DOMAIN],
  subject: DOMAIN,
  issuer: "E7",
  from: days(-10),
  until: days(80),
  selfSigned: false,
  ...change,
});
export const leaf = (change: Partial<Certificate> = {}, fault?: string): Served => ({
  kind: "served",
  chain: [certificate(change)],
  ...(fault ? { fault } : {}),
});
export const shown = (...all: readonly Served[]) => ({
  certificates: {
    value: [
      {
        domain: DOMAIN,
        app: "skriptoteket",
        proxy: "edge",
        at: all.map((one, at) => ({ address: { host: at === 0 ? "203.0.113.7" : "2001:db8::7", port: 443 }, served: one })),
      },
    ],
  },
});
export const onDisk = (...files: readonly (Partial<Certificate> & { path?: string; configured?: boolean })[]) => ({
  certificateFiles: {
    value: [
      {
        proxy: "edge",
        files: files.map(
          ({ path = `/etc/nginx/certs/${DOMAIN}.crt`, configured = true, ...change }): CertificateFile => ({
            path,
            configured,
            certificate: certificate(change),
          }),
        ),
      },
    ],
  },
});
export const renewed = (...all: readonly Partial<RenewalSeen>[]) => ({
  renewals: { value: all.map((one): RenewalSeen => ({ proxy: "edge", by: "certbot", failures: [], ...one })) },
});
export const asked = (direct: Answered | undefined, ...all: readonly Answered[]) => ({
  challenges: {
    value: [
      {
        domain: DOMAIN,
        app: "skriptoteket",
        proxy: "edge",
        at: all.map((answered, at) => ({ address: { host: at === 0 ? "203.0.113.7" : "2001:db8::7", port: 80 }, answered })),
        direct,
      },
    ],
  },
});
export const RIGHT: Answered = { kind: "answered", status: 200, right: true };
export const status = (code: number): Answered => ({ kind: "answered", status: code, right: false });
