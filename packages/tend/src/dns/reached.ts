import { isIPv4, isIPv6 } from "node:net";
import type { Host } from "../model/fleet.ts";
import { type Interfaces, isPublic } from "./addresses.ts";

/** Where the world reaches a host. */
export interface Reached {
  /** What A records should say; undefined where that isn't known. */
  readonly a?: readonly string[];
  /** What AAAA records may say; empty where the host has no IPv6. */
  readonly aaaa: readonly string[];
  /** Those of both kinds that are declared, not just found: such records are wanted. */
  readonly declared: readonly string[];
  /** All that it has, private ones, too. */
  readonly own: readonly string[];
  /** Where that is known from, for people: `declared`, `on its interface`, `as ip.example sees it`. */
  readonly from: string;
}

/** What is declared counts; else the host's own public addresses; else what `echoed` says. `echoed` is asked only where it matters. */
export function reachedAt(
  host: Host,
  { addresses }: Interfaces,
  echoed: () => { address: string; by: string } | undefined,
): Reached {
  const own = addresses.map((one) => one.address);
  const declared = host.addresses ?? [];
  const [four, six] = [declared.filter((one) => isIPv4(one)), declared.filter((one) => isIPv6(one))];
  const ownFour = own.filter((one) => isIPv4(one) && isPublic(one));
  const ownSix = own.filter((one) => isIPv6(one) && isPublic(one));
  const rest = { aaaa: [...new Set([...six, ...ownSix])], declared, own };
  if (four.length > 0) return { ...rest, a: four, from: "declared" };
  if (ownFour.length > 0) return { ...rest, a: ownFour, from: "on its own interface" };
  const echo = echoed();
  return echo && isIPv4(echo.address)
    ? { ...rest, a: [echo.address], from: `as ${echo.by} sees it` }
    : { ...rest, from: "unknown" };
}
