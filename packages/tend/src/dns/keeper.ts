import type { DnsKeeper } from "../model/dns.ts";
import type { Fleet, Host } from "../model/fleet.ts";

/** Who changes a name's records: whoever keeps the nearest domain above it; else ddclient on its host. */
export function keeperOf({ dns }: Fleet, host: Host, name: string): DnsKeeper | undefined {
  const zones = dns.keepers.flatMap((keeper) => (keeper.kind === "ddclient" ? [] : [{ keeper, zone: zoneOf(keeper) }]));
  const [nearest] = zones
    .filter(({ zone }) => isWithin(name, zone))
    .toSorted((one, other) => other.zone.length - one.zone.length);
  return nearest?.keeper ?? dns.keepers.find((keeper) => keeper.kind === "ddclient" && keeper.host === host.name);
}

function zoneOf(keeper: Exclude<DnsKeeper, { kind: "ddclient" }>): string {
  return keeper.kind === "namecheap" ? keeper.domain : keeper.zone;
}

export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
