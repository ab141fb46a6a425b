import { covers } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import type { Seen } from "../../facts/index.ts";
import { known } from "../../facts/part.ts";
import type { RenewalFailure, RenewalSeen } from "../../facts/renewals.ts";
import { fail, pass, type Subject } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { subjectOfDomain } from "./shown.ts";

interface Refused extends RenewalFailure {
  readonly subject: Subject;
}

/** The last refusals of each domain, unless a certificate was made since. */
function refusals(seen: Seen, scene: Scene): { readonly refused: readonly Refused[]; readonly quiet: readonly RenewalSeen[] } {
  const files = known(() => seen.certificateFiles) ?? [];
  const all = (seen.renewals ?? []).map((renewal) => {
    const kept = files.find((one) => one.proxy === renewal.proxy)?.files ?? [];
    const open = renewal.failures.filter((failure) => {
      const own = kept.filter(({ certificate }) => failure.domain === undefined || covers(certificate, failure.domain));
      return !own.some(({ certificate, written }) => Date.parse(written ?? certificate.from) >= Date.parse(failure.at));
    });
    return { renewal, open };
  });
  return {
    refused: all.flatMap(({ renewal, open }) => open.map((failure) => ({ ...failure, subject: subject(renewal, failure) }))),
    quiet: all.flatMap(({ renewal, open }) => (open.length === 0 ? [renewal] : [])),
  };

  function subject({ proxy }: RenewalSeen, { domain }: RenewalFailure): Subject {
    const app = scene.apps.find((one) => one.services.some(({ route }) => route?.domain === domain));
    if (domain !== undefined && app) return subjectOfDomain(scene, { app: app.name, domain });
    return subjectOf(scene, proxy);
  }
}

const LIMITED = /rateLimited/i;

export const rateLimited = defineCheck({
  id: "tls.acme.rate-limited",
  severity: "error",
  finds: "an authority that issues nothing for now: its limit is reached",
  about:
    "The log of the declared renewal (acme-companion's container, certbot on the host) is read for what the authority answered last, unless a certificate was made since. Let's Encrypt counts five of the same names, and five failures an hour.",
  remedy:
    "Stop trying: every attempt may prolong it. Wait until the time that the authority names; try settings at its staging server.",
  fixClass: "person",
  *judge(seen, scene) {
    const { refused, quiet } = refusals(seen, scene);
    for (const { proxy } of quiet) yield pass(subjectOf(scene, proxy));
    const seenAlready = new Set<Subject>();
    for (const { subject, domain, at, detail } of refused.filter(({ type }) => LIMITED.test(type))) {
      const until = /retry after ([0-9-]+ [0-9:]+ ?\w*)/i.exec(detail)?.[1];
      if (seenAlready.has(subject) || Date.parse(until ?? "") < scene.now.getTime()) continue;
      seenAlready.add(subject);
      yield fail(subject, {
        title: `the authority issues nothing for ${domain ?? "this host"}${until ? ` until ${until}` : " for now"}: its rate limit is reached`,
        evidence: [`${at}: ${detail}`],
        cause: "too many attempts or too many certificates of the same names",
        fix: {
          class: "person",
          text: `wait${until ? ` until ${until}` : ""}, and keep what renews from trying again; try out with the staging server`,
        },
      });
    }
  },
});

export const refusal = defineCheck({
  id: "tls.acme.failed",
  severity: "warning",
  finds: "a renewal whose last attempt the authority refused",
  about: "As tls.acme.rate-limited: what the authority answered last, unless a certificate was made since.",
  remedy: "What the authority says names the address that it asked and what it got there. Mend that, then `tend tls renew`.",
  fixClass: "plan",
  follows: ["tls.acme.rate-limited", "tls.acme.wrong-address", "tls.acme.unreachable"],
  *judge(seen, scene) {
    const { refused, quiet } = refusals(seen, scene);
    for (const { proxy } of quiet) yield pass(subjectOf(scene, proxy));
    const last = new Map<Subject, Refused>();
    for (const one of refused) {
      const known = last.get(one.subject);
      if (!LIMITED.test(one.type) && (!known || Date.parse(one.at) > Date.parse(known.at))) last.set(one.subject, one);
    }
    for (const { subject, domain, at, type, detail } of last.values()) {
      yield fail(subject, {
        title: `the last renewal of ${domain ?? "a certificate"} was refused: ${type || "unauthorized"}`,
        evidence: [`${at}: ${detail}`],
        cause: CAUSES.find(([pattern]) => pattern.test(`${type} ${detail}`))?.[1],
        fix: {
          class: "plan",
          text: "mend what the authority says, then try again",
          operation: `tend tls renew${domain ? ` --domain ${domain}` : ""}`,
        },
      });
    }
  },
});

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/NXDOMAIN|no valid A records|\bdns\b/i, "the domain has no address in the public DNS"],
  [/Timeout|refused|\bconnection\b/i, "port 80 of that address isn't reachable for the authority"],
  [/Invalid response|unauthorized/i, "the authority got another answer than the renewal's: from another machine, or another app"],
  [/caa/i, "a CAA record allows other authorities only"],
];
