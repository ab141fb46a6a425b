import { type ConnectionOptions, connect, type DetailedPeerCertificate, getCACertificates, type TLSSocket } from "node:tls";
import { type Certificate, certificateOf } from "./certificate.ts";
import type { Address } from "./endpoint.ts";

/** What an address serves for a name. JSON through and through. */
export type Served =
  | {
      readonly kind: "served";
      /** As they were sent: the leaf first. */
      readonly chain: readonly Certificate[];
      /** OpenSSL's word on the chain, whatever the name; undefined where it is trusted. */
      readonly fault?: string;
    }
  /** It listens, and refuses the handshake. */
  | { readonly kind: "refused"; readonly why: string }
  /** No connection. */
  | { readonly kind: "unreachable"; readonly why: string };

const WITHIN_MS = 4000;

let trusted: readonly string[] | undefined;

/** The authorities of Node's own list (and NODE_EXTRA_CA_CERTS) and of this system: one's own CA may be in either. */
function authorities(): readonly string[] {
  trusted ??= [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
  return trusted;
}

/** Shakes hands as a browser would that asks for `name`, and looks at what it is shown. It trusts nothing and sends nothing. */
export function handshake(name: string, { host, port }: Address, options: Pick<ConnectionOptions, "ca"> = {}): Promise<Served> {
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({
      host,
      port,
      servername: name,
      ca: options.ca ?? [...authorities()],
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
      // The name is judged apart from the chain, so that one doesn't hide the other.
      checkServerIdentity: () => undefined,
    });
    const end = (served: Served) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(served);
    };
    const failed = (why: string) => end({ kind: connected ? "refused" : "unreachable", why });
    const timer = setTimeout(() => failed("ETIMEDOUT"), WITHIN_MS);
    socket.once("connect", () => {
      connected = true;
    });
    socket.once("secureConnect", () => {
      const chain = chainOf(socket);
      end(chain.length > 0 ? { kind: "served", chain, fault: faultOf(socket) } : { kind: "refused", why: "no certificate" });
    });
    socket.once("error", (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
    socket.once("end", () => failed("the connection was closed"));
  });
}

function chainOf(socket: TLSSocket): readonly Certificate[] {
  const chain: Certificate[] = [];
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    chain.push(certificateOf(next.raw));
    next = next.issuerCertificate;
  }
  return chain;
}

/** Node answers the code, or an error that has it. */
function faultOf({ authorized, authorizationError }: TLSSocket): string | undefined {
  if (authorized) return undefined;
  const error: unknown = authorizationError;
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return String(error);
}
