import { Failure } from "../model/failure.ts";
import { Secret } from "../transport/secret.ts";

/** A key that a name server knows as well (RFC 8945). */
export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Secret;
}

export type TsigAlgorithm = keyof typeof DIGESTS;

/** Node's name of each digest. */
export const DIGESTS = {
  "hmac-md5": "md5",
  "hmac-sha1": "sha1",
  "hmac-sha224": "sha224",
  "hmac-sha256": "sha256",
  "hmac-sha384": "sha384",
  "hmac-sha512": "sha512",
} as const;

/** As tsig-keygen writes it for bind9, as keymgr does for knot, or on one line as nsupdate takes it: `[ALGORITHM:]NAME:SECRET`. */
export function parseTsigKey(text: Secret, file: string): TsigKey {
  const content = text
    .reveal()
    .split("\n")
    .filter((line) => !/^\s*(#|\/\/)/.test(line))
    .join("\n");
  const bind = {
    name: /\bkey\s+"?([A-Za-z0-9_.-]+)"?\s*\{/.exec(content)?.[1],
    algorithm: /\balgorithm\s+"?([a-z0-9.-]+)"?\s*;/i.exec(content)?.[1],
    secret: /\bsecret\s+"?([A-Za-z0-9+/=]+)"?\s*;/.exec(content)?.[1],
  };
  const knot = {
    name: /\bid:\s*"?([A-Za-z0-9_.-]+)/.exec(content)?.[1],
    algorithm: /\balgorithm:\s*"?([a-z0-9.-]+)/i.exec(content)?.[1],
    secret: /\bsecret:\s*"?([A-Za-z0-9+/=]+)/.exec(content)?.[1],
  };
  const [, algorithm, name, secret] = /^\s*(?:([a-z0-9.-]+):)?([A-Za-z0-9_.-]+):([A-Za-z0-9+/=]+)\s*$/i.exec(content) ?? [];
  const found = [bind, knot, { name, algorithm, secret }].find((one) => one.name !== undefined && one.secret !== undefined);
  // As a name of DNS, md5's is HMAC-MD5.SIG-ALG.REG.INT: older tools write it so.
  const known = (found?.algorithm ?? "hmac-sha256").toLowerCase().replace(/(\.sig-alg\.reg\.int)?\.?$/, "");
  if (!found?.name || !found.secret || !Object.hasOwn(DIGESTS, known)) {
    throw new Failure({
      id: "dns.secret",
      exit: "refused",
      title: found ? `${file} has a key of the kind ${known}, which isn't known` : `${file} has no TSIG key`,
      changed: "nothing",
      help: "tsig-keygen NAME writes one",
    });
  }
  return {
    name: found.name.replace(/\.$/, "").toLowerCase(),
    algorithm: known as TsigAlgorithm,
    secret: new Secret(found.secret),
  };
}
