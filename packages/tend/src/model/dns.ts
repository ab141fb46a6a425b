import type { HostName } from "./names.ts";

/** What the declaration says of names and addresses. */
export interface Dns {
  /** Who is asked, as `ADDRESS` or `ADDRESS:PORT`; empty: the servers that are responsible for each name. */
  readonly servers: readonly string[];
  /** Answers with the address that it was asked from: how a host behind a router learns its own. */
  readonly echo?: URL;
  /** Networks of what stands in front of the hosts and hides their addresses: `198.51.100.0/24`. */
  readonly fronts: readonly string[];
  /** Who changes records. */
  readonly keepers: readonly DnsKeeper[];
}

/** Who keeps a zone and takes changes of it. It says where a secret is, and never holds one. */
export type DnsKeeper = NamecheapKeeper | Rfc2136Keeper | DdclientKeeper;
/** Those that are spoken to from the machine that tend runs on. */
export type RemoteKeeper = NamecheapKeeper | Rfc2136Keeper;

export interface NamecheapKeeper {
  readonly kind: "namecheap";
  /** The registered domain: what its "Dynamic DNS" is switched on for. */
  readonly domain: string;
  readonly password: SecretPlace;
  readonly url: string;
}

export interface Rfc2136Keeper {
  readonly kind: "rfc2136";
  /** `ns1.home.example`, with `:PORT` where it isn't 53. */
  readonly server: string;
  readonly zone: string;
  /** The file with the TSIG key. */
  readonly key: string;
  /** Seconds that resolvers may keep the record. */
  readonly ttl: number;
}

export interface DdclientKeeper {
  readonly kind: "ddclient";
  /** The host that it runs on. */
  readonly host: HostName;
}

/** Where a secret is, on the machine that tend runs on. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/** The addresses that a name is to have: none at all where a list is empty; what is left out stays as it is. */
export interface Records {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
}

export function keeperText(keeper: DnsKeeper): string {
  switch (keeper.kind) {
    case "namecheap":
      return `Namecheap, for ${keeper.domain}`;
    case "rfc2136":
      return `${keeper.server}, for the zone ${keeper.zone}`;
    case "ddclient":
      return `ddclient on ${keeper.host}`;
  }
}

/** Where the secret for it is, for people. */
export function secretText(keeper: RemoteKeeper): string {
  if (keeper.kind === "rfc2136") return `with the key in ${keeper.key}`;
  return "env" in keeper.password
    ? `with the password in $${keeper.password.env}`
    : `with the password in ${keeper.password.file}`;
}

/** `A 203.0.113.7, no AAAA`. */
export function recordsText({ a, aaaa }: Records): string {
  const one = (type: string, values: readonly string[] | undefined) =>
    values === undefined ? [] : [values.length > 0 ? `${type} ${values.join(" ")}` : `no ${type}`];
  return [...one("A", a), ...one("AAAA", aaaa)].join(", ");
}
