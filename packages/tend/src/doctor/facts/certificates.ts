import { type Address, addressesOf, type Endpoint, endpointsOf } from "../../tls/endpoint.ts";
import { handshake, type Served } from "../../tls/handshake.ts";
import type { Scene } from "../scene.ts";
import { herePart } from "./part.ts";

/** A domain of a declared route, and what each of its addresses serves under that name. */
export interface CertificateSeen {
  readonly domain: string;
  readonly app: string;
  readonly proxy?: string;
  /** Nothing was looked at, and why: no TLS is declared, or the name has no address. */
  readonly skipped?: string;
  readonly at: readonly { readonly address: Address; readonly served: Served }[];
}

/** What users of the routes are shown, as seen from here. */
export const certificates = herePart<readonly CertificateSeen[]>({
  async look(scene: Scene, { signal }) {
    return Promise.all(endpointsOf(scene.fleet, scene.apps).map((endpoint) => seenAt(endpoint, signal)));
  },
});

async function seenAt(endpoint: Endpoint, signal: AbortSignal): Promise<CertificateSeen> {
  const { domain, app, plain } = endpoint;
  const seen = { domain, app, proxy: endpoint.proxy?.name };
  if (plain !== undefined) return { ...seen, skipped: plain, at: [] };
  let addresses: readonly Address[];
  try {
    addresses = await addressesOf(endpoint, "https:", signal);
  } catch (error) {
    return { ...seen, skipped: `${domain} has no address from here: ${reason(error)}`, at: [] };
  }
  const at = await Promise.all(addresses.map(async (address) => ({ address, served: await handshake(domain, address) })));
  return { ...seen, at };
}

function reason(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
