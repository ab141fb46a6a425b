import { addressText } from "../../../tls/endpoint.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { NOT_ISSUED, renewing, subjectOfDomain } from "./shown.ts";

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/UNRECOGNIZED_NAME|HANDSHAKE_FAILURE|INTERNAL_ERROR|ECONNRESET/, "the proxy has no certificate for that name, or no entry"],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/, "what listens there speaks plain HTTP"],
  [/PROTOCOL_VERSION/, "the proxy offers only versions of TLS that nobody should use"],
];

export const refused = defineCheck({
  id: "tls.handshake",
  severity: "error",
  finds: "an address that listens, and refuses the TLS handshake for a domain",
  about:
    "The connection to port 443 is made, and TLS with the route's domain as its name (SNI) fails before a certificate is shown.",
  remedy: "Give the proxy a certificate and an entry for the domain; see its log for the handshake.",
  fixClass: "plan",
  follows: [...NOT_ISSUED, "proxy.config", "dns.mismatch", "dns.stale-aaaa"],
  *judge({ certificates }, scene) {
    for (const one of certificates) {
      const subject = subjectOfDomain(scene, one);
      const bad = one.at.flatMap(({ address, served }) =>
        served.kind === "refused" ? [{ where: addressText(address), why: served.why }] : [],
      );
      const [first] = bad;
      if (!first) {
        if (one.at.some(({ served }) => served.kind === "served")) yield pass(subject);
        continue;
      }
      const proxy = [...scene.fleet.proxies.values()].find(({ name }) => name === one.proxy);
      yield fail(subject, {
        title: `${first.where} refuses TLS for ${one.domain}`,
        evidence: bad.map(({ where, why }) => `${where}: ${why}`),
        cause: CAUSES.find(([pattern]) => pattern.test(first.why))?.[1],
        fix: renewing(one.domain, proxy, `give the proxy a certificate and an entry for ${one.domain}`),
      });
    }
  },
});
