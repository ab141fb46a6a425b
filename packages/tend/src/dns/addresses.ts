import { BlockList, isIPv6 } from "node:net";
import { plainAddress } from "../model/addresses.ts";
import { type Script, sh } from "../transport/argv.ts";

/** The addresses that a host has itself. */
export interface Interfaces {
  readonly addresses: readonly { readonly interface: string; readonly address: string }[];
  /** The interface by which it reaches the world over IPv4. */
  readonly outward?: string;
}

/** Asked without any tool but `ip`, which every distribution has, busybox too. */
export const interfacesScript: Script = sh`ip -o -4 addr show 2>/dev/null | while read -r _ name _ address _; do echo "4 $name $address"; done
while read -r address _ _ scope _ name; do echo "6 $name $address $scope"; done </proc/net/if_inet6
while read -r name to _; do [ "$to" = 00000000 ] && echo "outward $name"; done </proc/net/route
:`;

export function readInterfaces(stdout: string): Interfaces {
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const found = lines.flatMap(([kind, name = "", address = "", scope]) => {
    const text = kind === "4" ? address.replace(/\/\d+$/, "") : kind === "6" && scope === "00" ? withColons(address) : undefined;
    if (WITHIN.test(name)) return [];
    const plain = text === undefined ? undefined : plainAddress(text);
    return plain === undefined ? [] : [{ interface: name, address: plain }];
  });
  return { addresses: found, outward: lines.find(([kind]) => kind === "outward")?.[1] };
}

/** The machine's own loop, and Docker's networks: nobody outside reaches them. */
const WITHIN = /^(lo|docker\d+|br-[0-9a-f]{12}|veth.*)$/;

/** As /proc/net/if_inet6 has them: 32 hexadecimal digits. */
function withColons(digits: string): string {
  return digits.replace(/(.{4})(?!$)/g, "$1:");
}

/** RFC 6598: what providers share among several customers. Nobody reaches it from outside. */
export const CARRIER_NAT = "100.64.0.0/10";

/** Of IPv4, what the internet doesn't lead to: RFC 6890, and 6598. */
const NOT_PUBLIC_4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  CARRIER_NAT,
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
];

/** https://www.cloudflare.com/ips/: it answers in a host's place, whose own address stands nowhere in DNS. */
const CLOUDFLARE = [
  "173.245.48.0/20",
  "103.21.244.0/22",
  "103.22.200.0/22",
  "103.31.4.0/22",
  "141.101.64.0/18",
  "108.162.192.0/18",
  "190.93.240.0/20",
  "188.114.96.0/20",
  "197.234.240.0/22",
  "198.41.128.0/17",
  "162.158.0.0/15",
  "104.16.0.0/13",
  "104.24.0.0/14",
  "172.64.0.0/13",
  "131.0.72.0/22",
  "2400:cb00::/32",
  "2606:4700::/32",
  "2803:f800::/32",
  "2405:b500::/32",
  "2405:8100::/32",
  "2a06:98c0::/29",
  "2c0f:f248::/32",
];

const notPublic = listOf(NOT_PUBLIC_4);
const carrierNat = listOf([CARRIER_NAT]);
const publicSix = listOf(["2000::/3"]);

export function isPublic(address: string): boolean {
  return isIPv6(address) ? has(publicSix, address) : !has(notPublic, address);
}

export function isCarrierNat(address: string): boolean {
  return !isIPv6(address) && has(carrierNat, address);
}

/** Tells whether an address is a CDN's or load balancer's: Cloudflare's, or in a declared network. */
export function frontsOf(declared: readonly string[]): (address: string) => boolean {
  const fronts = listOf([...CLOUDFLARE, ...declared]);
  return (address) => has(fronts, address);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = "", length] = network.split("/");
    list.addSubnet(base, Number(length), isIPv6(base) ? "ipv6" : "ipv4");
  }
  return list;
}

function has(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
