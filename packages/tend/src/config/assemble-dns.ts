import type { Dns } from "../model/dns.ts";
import { ownPath } from "./local-path.ts";
import type { DeclaredDns } from "./sections/fleet.ts";

/** What is declared of names; files of secrets are on the machine that tend runs on. */
export function dnsOf(declared: DeclaredDns | undefined, folder: string): Dns {
  const { servers = [], fronts = [], echo, namecheap = [], rfc2136 = [], ddclient = [] } = declared ?? {};
  return {
    servers,
    fronts,
    echo,
    keepers: [
      ...namecheap.map(({ password, url, ...rest }) => ({
        kind: "namecheap" as const,
        ...rest,
        url: url.href,
        password: "file" in password ? { file: ownPath(password.file, folder) } : password,
      })),
      ...rfc2136.map(({ key, ...rest }) => ({ kind: "rfc2136" as const, ...rest, key: ownPath(key, folder) })),
      ...ddclient.map(({ host }) => ({ kind: "ddclient" as const, host })),
    ],
  };
}
