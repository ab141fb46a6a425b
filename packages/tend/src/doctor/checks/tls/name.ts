import { covers } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { described, eachShown, NOT_ISSUED, newest, ownInstead } from "./shown.ts";

export const name = defineCheck({
  id: "tls.name",
  severity: "error",
  finds: "a certificate that is for other names",
  about: "The names (SAN) of the certificate that is served for a route's domain have to contain it, or a wildcard for it.",
  remedy:
    "Give the domain a certificate of its own, and the proxy's entry for the domain its path. A proxy with no entry for a name serves that of another.",
  fixClass: "plan",
  follows: [
    "tls.default-cert",
    "tls.served",
    ...NOT_ISSUED,
    "route.unknown-host",
    "proxy.config",
    "dns.mismatch",
    "dns.stale-aaaa",
  ],
  *judge(seen, scene) {
    yield* eachShown(seen, scene, (shown) => {
      const { domain, subject, leaves, files } = shown;
      const wrong = leaves.filter(({ leaf }) => !covers(leaf, domain));
      const [first] = wrong;
      if (!first) return pass(subject);
      const { evidence, cause, fix } = ownInstead(shown, files && newest(files));
      return fail(subject, {
        title: `${domain} is served with a certificate for ${first.leaf.names[0] ?? (first.leaf.subject || "no name")}`,
        evidence: [...wrong.map(described), ...evidence],
        cause: cause ?? "none was issued for it, and the proxy serves that of another name",
        fix,
      });
    });
  },
});
