import { answerText, tells } from "../../../dns/compare.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { eachName, fixOf, recordOf } from "./judged.ts";

export const disagree = defineCheck({
  id: "dns.disagree",
  severity: "error",
  finds: "name servers that say different things about a domain",
  about:
    "A resolver asks one of a zone's name servers, whichever it likes. Where one of them has an old copy, some users are led to the wrong host and others aren't, and it changes with every hour. An error where one of the answers is wrong for the host; else a warning.",
  remedy:
    "Compare the serial numbers: `dig +short SOA ZONE @SERVER`. The one that is behind gets no transfers, or is no server of the zone any more: take it out of the NS records.",
  fixClass: "person",
  *judge(seen, scene) {
    yield* eachName(seen, scene, (name) => {
      const { standing, subject, others } = name;
      if (standing.kind !== "disagree") return pass(subject);
      const record = recordOf(name.seen);
      const behind = standing.versions.filter(({ wrong }) => wrong);
      const every = behind.length === standing.versions.length;
      return fail(subject, {
        severity: behind.length > 0 ? "error" : "warning",
        title: `the name servers of ${name.seen.zone ?? record} say different things about ${record}`,
        evidence: standing.versions.map(
          ({ servers, answer, wrong }) => `${servers.join(", ")}: ${answerText(answer)}${wrong ? ", which is wrong" : ""}`,
        ),
        cause: "one has not got the newest zone: the change is on its way, or transfers to it fail",
        fix: every
          ? fixOf(name, scene, `set the records of ${record} on all of them`)
          : {
              class: "person",
              text: `wait some minutes if the record was just changed; else compare the zone's serial numbers: dig +short SOA ${name.seen.zone ?? record} @SERVER`,
            },
        reaches: others,
      });
    });
  },
});

export const lame = defineCheck({
  id: "dns.lame",
  severity: "error",
  finds: "a name server that doesn't answer for a zone that it is named for",
  about:
    "A server that refuses, or fails, costs every user who is sent to it some seconds, or the site. If all do, nobody finds the domain. One that is merely silent isn't counted: that may be the way from here.",
  remedy: "Take the server out of the zone's NS records, at the registrar too, or make it serve the zone again.",
  fixClass: "person",
  *judge(seen, scene) {
    yield* eachName(seen, scene, ({ seen: { servers, zone, name }, standing, subject, others }) => {
      const broken = servers.filter((one) => !tells(one) && one.outcome !== "silent");
      if (broken.length === 0) return pass(subject);
      const all = standing.kind === "lame";
      return fail(subject, {
        severity: all ? "error" : "warning",
        title: all
          ? `none of the name servers of ${zone ?? name} answers for it: nobody finds it`
          : `${broken.map(({ server }) => server).join(", ")} doesn't answer for ${zone ?? name}, and is named as its server`,
        evidence: servers.map(({ server, outcome }) => `${server}: ${SAYS[outcome]}`),
        fix: { class: "person", text: `make it serve ${zone ?? name}, or take it out of the NS records, at the registrar too` },
        reaches: others,
      });
    });
  },
});

const SAYS = {
  answer: "answers",
  none: "says that there is no such name",
  refused: "refuses (REFUSED)",
  broken: "fails (SERVFAIL)",
  silent: "doesn't answer",
} as const;
