import { lifeOf, lifeText } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { day, described, eachShown, NOT_ISSUED, newest, renewing } from "./shown.ts";

export const expiry = defineCheck({
  id: "tls.expiry",
  severity: "error",
  finds: "a certificate that has expired, or soon will",
  about:
    "Every address of a route's domain, v4 and v6, is asked as a browser would. What counts is the share of the lifetime that is left, since certificates live for 6, 45, 64 or 90 days: a warning under 28 %, an error under 14 % or a day. Renewal is due at a third; so a warning means that it has failed.",
  remedy:
    "`tend tls renew --domain DOMAIN` renews it and shows that the new one is served. Nobody sends mails before it ends any more.",
  fixClass: "plan",
  follows: [
    "tls.served",
    "tls.default-cert",
    ...NOT_ISSUED,
    "tls.acme.renewal-old",
    "tls.acme.unscheduled",
    "dns.mismatch",
    "dns.stale-aaaa",
  ],
  *judge(seen, scene) {
    yield* eachShown(seen, scene, ({ domain, subject, proxy, leaves, files }) => {
      const lives = leaves.map((one) => ({ ...one, life: lifeOf(one.leaf, scene.now) }));
      const ill = lives.filter(({ life }) => life.standing !== "well").sort((one, other) => one.life.share - other.life.share);
      const [worst] = ill;
      if (!worst) return pass(subject);
      const { life, leaf } = worst;
      const kept = files && newest(files);
      const evidence = [
        ...ill.map(described),
        ...(kept ? [`on disk: ${kept.path}, ${day(kept.certificate.from)} to ${day(kept.certificate.until)}`] : []),
      ];
      if (life.standing === "future") {
        return fail(subject, {
          title: `the certificate of ${domain} is not valid before ${leaf.from}`,
          evidence,
          cause: "the clock is wrong: of this machine, or of the one that made it",
          fix: { class: "person", text: "compare the clocks: date -u" },
        });
      }
      return fail(subject, {
        severity: life.standing === "short" ? "warning" : "error",
        title: `the certificate of ${domain} ${life.milliseconds > 0 ? "has " : ""}${lifeText(life)}`,
        evidence,
        fix: renewing(domain, proxy, "renew it"),
      });
    });
  },
});
