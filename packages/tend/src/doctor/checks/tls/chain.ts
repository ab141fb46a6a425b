import { lifeOf, lifeText } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { described, eachShown, isMadeUp, type Leaf, renewing } from "./shown.ts";

/** Its own time is told by tls.expiry; OpenSSL says the same of one above it. */
function isItsTime({ fault, leaf }: Leaf, now: Date): boolean {
  return fault === "CERT_NOT_YET_VALID" || (fault === "CERT_HAS_EXPIRED" && lifeOf(leaf, now).standing === "expired");
}

export const chain = defineCheck({
  id: "tls.chain",
  severity: "error",
  finds: "a certificate that browsers can't trust: no complete chain to a known authority",
  about:
    "The server has to send its own certificate and the intermediates. Browsers often have the missing one from elsewhere, so it works there; curl, apps, webhooks and older phones fail. Trusted are the authorities that Node and this machine know, and those in NODE_EXTRA_CA_CERTS.",
  remedy: "Let the proxy serve `fullchain.pem`, not `cert.pem`; replace what a test authority or nobody has signed.",
  fixClass: "person",
  follows: ["tls.default-cert", "tls.served"],
  *judge(seen, scene) {
    yield* eachShown(seen, scene, (shown) => {
      const { domain, subject, proxy, leaves } = shown;
      const broken = leaves.filter((one) => one.fault !== undefined && !isItsTime(one, scene.now));
      const [first] = broken;
      if (!first) return pass(subject);
      const evidence = [`${first.where} says ${first.fault}`, ...broken.map(described)];
      const { leaf, above, fault } = first;
      if (fault === "UNABLE_TO_VERIFY_LEAF_SIGNATURE") {
        return fail(subject, {
          title: `${domain} is served without the intermediate certificate of ${leaf.issuer}`,
          evidence,
          cause: "the proxy is given the certificate alone (cert.pem), not the chain",
          fix: { class: "person", text: `name fullchain.pem in the proxy's entry for ${domain}, and reload it` },
        });
      }
      if (fault === "CERT_HAS_EXPIRED") {
        const old = above.find((one) => lifeOf(one, scene.now).standing === "expired");
        return fail(subject, {
          title: `${domain} is served with ${old ? `the intermediate certificate ${old.subject}, which ${lifeText(lifeOf(old, scene.now))}` : "an authority's certificate that has expired"}`,
          evidence,
          cause: "the certificate itself is good; what is sent along with it is old",
          fix: renewing(domain, proxy, `have the certificate issued anew, with today's chain`),
        });
      }
      if (leaf.selfSigned || isMadeUp(leaf, domain)) {
        return fail(subject, {
          title: `the certificate of ${domain} is signed by nobody but itself`,
          evidence,
          fix: renewing(domain, proxy, `have a certificate issued for ${domain}`),
        });
      }
      const staging = /STAGING|Fake LE|Pebble/i.test(leaf.issuer);
      return fail(subject, {
        title: `nobody knows the authority that signed the certificate of ${domain}: ${leaf.issuer}`,
        evidence,
        cause: staging ? "it is from an authority's test system" : undefined,
        fix: {
          class: "person",
          text: staging
            ? "issue it anew from the real authority: take the test server out of the settings, then renew by force"
            : "where it is your own authority, say so: NODE_EXTRA_CA_CERTS=its.crt, or trust it on this machine",
        },
      });
    });
  },
});
