import { type Answered, askFor, askOn } from "../../tls/challenge.ts";
import { type Address, addressesOf, type Endpoint, endpointsOf } from "../../tls/endpoint.ts";
import type { Transport } from "../../transport/transport.ts";
import type { First } from "./part.ts";
import { herePart } from "./part.ts";
import type { RenewalSeen } from "./renewals.ts";

/** Whether an authority would find the answer to a challenge, per address; and whether the proxy has it at all. */
export interface ChallengeSeen {
  readonly domain: string;
  readonly app: string;
  readonly proxy: string;
  /** Why nothing was asked. */
  readonly skipped?: string;
  readonly at: readonly { readonly address: Address; readonly answered: Answered }[];
  /** From the host itself, on its own port 80; undefined where ssh doesn't let a connection through. */
  readonly direct?: Answered;
}

/** Asks for the file that `renewals` has put there, by every public address of the domain. */
export const challenges = herePart<readonly ChallengeSeen[]>({
  after: true,
  async look(scene, { session, first, signal }) {
    const due = endpointsOf(scene.fleet, scene.apps).flatMap((endpoint) => {
      const renewal = renewalOf(endpoint, first);
      return renewal && (renewal.probe !== undefined || renewal.unprobed !== undefined) ? [{ endpoint, renewal }] : [];
    });
    if (due.length === 0) return [];
    const transport = await session.transport(scene.host);
    return Promise.all(due.map(({ endpoint, renewal }) => seenOf(endpoint, renewal, transport, signal)));
  },
});

function renewalOf({ proxy }: Endpoint, first: First): RenewalSeen | undefined {
  return first.renewals?.find((one) => one.proxy === proxy?.name);
}

async function seenOf(
  endpoint: Endpoint,
  { probe, unprobed, proxy }: RenewalSeen,
  transport: Transport,
  signal: AbortSignal,
): Promise<ChallengeSeen> {
  const { domain, app } = endpoint;
  const seen = { domain, app, proxy };
  if (probe === undefined) return { ...seen, skipped: unprobed ?? "", at: [] };
  let addresses: readonly Address[];
  try {
    addresses = await addressesOf(endpoint, "http:", signal);
  } catch {
    return { ...seen, skipped: `${domain} has no address from here`, at: [] };
  }
  const [at, direct] = await Promise.all([
    Promise.all(addresses.map(async (address) => ({ address, answered: await askFor(probe, domain, address) }))),
    transport.connect({ host: "127.0.0.1", port: plainPort(endpoint) }).then(
      (connection) => askOn(connection, probe, domain).finally(() => connection.destroy()),
      () => undefined,
    ),
  ]);
  return { ...seen, at, direct };
}

function plainPort({ proxy }: Endpoint): number {
  return proxy?.url?.protocol === "http:" ? Number(proxy.url.port || 80) : 80;
}
