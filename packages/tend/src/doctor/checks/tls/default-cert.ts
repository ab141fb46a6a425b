import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { described, eachShown, isMadeUp, NOT_ISSUED, newest, ownInstead } from "./shown.ts";

export const defaultCert = defineCheck({
  id: "tls.default-cert",
  severity: "error",
  finds: "a proxy's own stand-in certificate, served for a real domain",
  about:
    "A proxy that has no certificate for a name serves one that it made up: Traefik's default, acme-companion's, Caddy's local authority, a self-signed one for another name. Browsers refuse it.",
  remedy: "Find out why none was issued: the proxy doesn't know the domain, or the authority refused. Then renew.",
  fixClass: "plan",
  follows: [...NOT_ISSUED, "route.unknown-host", "proxy.config", "dns.mismatch", "dns.stale-aaaa"],
  *judge(seen, scene) {
    yield* eachShown(seen, scene, (shown) => {
      const { domain, subject, proxy, leaves, files } = shown;
      const madeUp = leaves.filter(({ leaf }) => isMadeUp(leaf, domain));
      const [first] = madeUp;
      if (!first) return pass(subject);
      const { evidence, cause, fix } = ownInstead(
        shown,
        files && newest(files.filter(({ certificate }) => !isMadeUp(certificate, domain))),
      );
      return fail(subject, {
        title: `${proxy?.name ?? "the proxy"} has no certificate for ${domain}, and serves a stand-in: ${first.leaf.subject || first.leaf.issuer || "self-signed"}`,
        evidence: [...madeUp.map(described), ...evidence],
        cause,
        fix,
      });
    });
  },
});
