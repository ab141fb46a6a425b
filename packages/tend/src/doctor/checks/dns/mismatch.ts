import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { eachName, evidenceOf, fixOf, recordOf } from "./judged.ts";

const ABOUT_ASKING =
  "The servers that are responsible for the domain are asked themselves, so that no resolver's memory is in between. The host's addresses are those that are declared, those of its own interfaces, or what `dns.echo` answers.";

export const mismatch = defineCheck({
  id: "dns.mismatch",
  severity: "error",
  finds: "a domain whose A record leads to another address than its host's",
  about: `Users go where the A record says, and so does whoever issues the certificate. ${ABOUT_ASKING} Cloudflare's addresses, and those of the networks under \`dns.fronts\`, are all right.`,
  remedy:
    "`tend dns update APP`, where it is declared who keeps the zone; else edit the record there. Resolvers keep the old one for as long as its TTL.",
  fixClass: "plan",
  follows: ["dns.ddns.failed", "dns.ddns.stuck", "dns.ddns.down", "dns.cgnat"],
  *judge(seen, scene) {
    yield* eachName(seen, scene, (name) => {
      const { standing, subject, others, reached } = name;
      if (standing.kind !== "wrong") return pass(subject);
      const record = recordOf(name.seen);
      const right = standing.answer.a.filter((one) => !standing.a.includes(one));
      return fail(subject, {
        title:
          right.length > 0
            ? `${record} leads to ${scene.host.name}, and to ${standing.a.join(", ")} as well, which is another host`
            : `${record} leads to ${standing.a.join(", ")}, not to ${scene.host.name} (${reached.a?.join(", ")})`,
        evidence: evidenceOf(name, scene),
        cause: standing.aaaa.length > 0 ? `its AAAA record is wrong, too: ${standing.aaaa.join(", ")}` : undefined,
        fix: fixOf(
          name,
          scene,
          `set the A record of ${record} to ${reached.a?.join(", ")}${standing.aaaa.length > 0 ? ", and mend or take away its AAAA record" : ""}`,
        ),
        reaches: others,
      });
    });
  },
});

export const staleAaaa = defineCheck({
  id: "dns.stale-aaaa",
  severity: "error",
  finds: "a domain whose AAAA record alone leads elsewhere",
  about: `Browsers and Let's Encrypt prefer IPv6: with a stale AAAA record the site fails for some and not for others, and certificates aren't renewed, while the A record looks right. ${ABOUT_ASKING}`,
  remedy: "Take the AAAA record away, or set it to the host's own IPv6 address, if the proxy answers there.",
  fixClass: "plan",
  *judge(seen, scene) {
    yield* eachName(seen, scene, (name) => {
      const { standing, subject, others, reached } = name;
      if (standing.kind !== "stale-six") return pass(subject);
      const record = recordOf(name.seen);
      const own =
        reached.aaaa.length > 0 ? `its own are ${reached.aaaa.join(", ")}` : `${scene.host.name} has no public IPv6 address`;
      return fail(subject, {
        title: `the AAAA record of ${record} leads to ${standing.aaaa.join(", ")}, which isn't ${scene.host.name}'s`,
        evidence: evidenceOf(name, scene),
        cause: `${own}; who has IPv6, and Let's Encrypt, goes there first`,
        fix: fixOf(
          name,
          scene,
          reached.aaaa.length > 0
            ? `set the AAAA record of ${record} to ${reached.aaaa[0]}, or take it away`
            : `take the AAAA record of ${record} away`,
        ),
        reaches: others,
      });
    });
  },
});

export const missing = defineCheck({
  id: "dns.missing",
  severity: "error",
  finds: "a domain that has no address in DNS",
  about: `Without a record nobody finds the service, and no certificate is issued for it. ${ABOUT_ASKING} A domain that nobody is responsible for was never registered, or has expired. One with an AAAA record only is a warning: half of the world has no IPv6.`,
  remedy:
    "Add an A record where the domain's zone is kept; `tend dns update APP` does it with servers that take dynamic updates.",
  fixClass: "plan",
  *judge(seen, scene) {
    yield* eachName(seen, scene, (name) => {
      const { standing, subject, others, reached } = name;
      if (standing.kind !== "missing") return pass(subject);
      const record = recordOf(name.seen);
      const { answer } = standing;
      const six = answer !== undefined && answer.aaaa.length > 0;
      const to = reached.a?.join(", ") ?? `the public address of ${scene.host.name}`;
      if (name.seen.undelegated) {
        return fail(subject, {
          title: `${record} has no name servers: nobody is responsible for it`,
          evidence: [`neither ${record} nor a domain above it has NS records`],
          cause: "the domain was never registered, or has expired",
          fix: { class: "person", text: "look at the domain with its registrar: whois tells when it expires" },
          reaches: others,
        });
      }
      return fail(subject, {
        severity: six ? "warning" : "error",
        title: six
          ? `${record} has an IPv6 address only`
          : `${record} has no address: its name servers ${answer?.outcome === "none" ? "know no such name" : "know it without one"}`,
        evidence: evidenceOf(name, scene),
        fix: fixOf(name, scene, `add an A record: ${record} → ${to}`),
        reaches: others,
      });
    });
  },
});
