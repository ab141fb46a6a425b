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
  readonly url: URL;
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

/** The addresses that a name is to have. */
export interface Records {
  readonly a: readonly string[];
  readonly aaaa: readonly string[];
}
