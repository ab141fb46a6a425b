import type { Answered } from "../../../tls/challenge.ts";
import { addressText } from "../../../tls/endpoint.ts";
import { defineCheck } from "../../check.ts";
import type { ChallengeSeen } from "../../facts/challenges.ts";
import { fail, pass, type Subject, skip } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { subjectOfDomain } from "./shown.ts";

const ABOUT = `An authority asks for a file under /.well-known/acme-challenge/ by every address that it finds for the domain. Where the
declared renewal answers by files, a small one with a name of its own is put there for half a minute and asked for from here, and from the host itself.`;

const isRight = (answered: Answered | undefined) => answered?.kind === "answered" && answered.right;
/** This machine has no way there at all: IPv6, where it has none. That says nothing of others. */
const isNoWay = (answered: Answered) => answered.kind === "silent" && /ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT/.test(answered.why);
/** No word on whether the proxy has it: ssh lets no connection through, or the answer is "ask elsewhere". */
const isUntold = (answered: Answered | undefined) =>
  answered === undefined || (answered.kind === "answered" && answered.location !== undefined);

export const wrongAddress = defineCheck({
  id: "tls.acme.wrong-address",
  follows: ["dns.mismatch", "dns.stale-aaaa", "dns.cgnat", "dns.ddns.stuck", "dns.ddns.failed"],
  severity: "warning",
  finds: "an address of a domain that leads elsewhere, so that its certificate can't be renewed",
  about: ABOUT,
  remedy: "Correct the A or AAAA record, or take it away: authorities prefer AAAA, so a stale one alone is enough.",
  fixClass: "person",
  *judge({ challenges }, scene) {
    for (const one of challenges) {
      const subject = subjectOfDomain(scene, one);
      const elsewhere = one.at.filter(({ answered }) => answered.kind === "answered" && !answered.right);
      if (one.skipped !== undefined || !isRight(one.direct)) continue;
      if (elsewhere.length === 0) yield pass(subject);
      else {
        const all = elsewhere.map(({ address }) => addressText(address, 80)).join(" and ");
        yield fail(subject, {
          title: `${one.domain} leads to ${all}, where something else answers the authority`,
          evidence: [...evidenceOf({ ...one, at: elsewhere }), `on ${scene.host.name} itself the proxy has the file`],
          cause: "the name's record is stale, or something in between answers: seen from inside its own network, the router",
          fix: { class: "person", text: `correct or remove that record of ${one.domain}` },
          reaches: servicesOf(scene, one),
        });
      }
    }
  },
});

export const unreachable = defineCheck({
  id: "tls.acme.unreachable",
  severity: "warning",
  finds: "a challenge path that the authority can't read, so that renewals will fail",
  about: ABOUT,
  remedy:
    "Let the proxy serve that path from the folder that the renewal writes to, in front of everything else; the folder has to be the same one in both containers. Port 80 has to be reachable from outside.",
  fixClass: "person",
  follows: ["tls.acme.wrong-address", "proxy.down", "proxy.config", "dns.mismatch", "dns.stale-aaaa"],
  *judge({ challenges }, scene) {
    for (const one of challenges) {
      const subject = subjectOfDomain(scene, one);
      if (one.skipped !== undefined) {
        yield skip(subject, `no file can be put there: ${one.skipped}`);
        continue;
      }
      if (one.at.every(({ answered }) => isNoWay(answered))) {
        yield skip(subject, "this machine has no way to any of its addresses");
        continue;
      }
      const bad = one.at.filter(({ answered }) => !isRight(answered) && !isNoWay(answered));
      const [first] = bad;
      if (!first) {
        yield pass(subject);
        continue;
      }
      const proxyHasIt = isRight(one.direct);
      // What answers wrongly though the proxy is right is another machine: tls.acme.wrong-address.
      if (proxyHasIt && bad.every(({ answered }) => answered.kind === "answered")) continue;
      const status = first.answered.kind === "answered" ? first.answered.status : undefined;
      yield fail(subject, {
        // Behind the same router many have no way in by the public address, and nothing is wrong.
        ...(proxyHasIt ? { severity: "info" } : {}),
        title:
          status === undefined
            ? `from here, port 80 of ${addressText(first.address, 80)} can't be reached for ${one.domain}'s challenge`
            : `${one.domain}'s challenge path answers ${status}, not the file that is there`,
        evidence: [...evidenceOf(one), ...(isUntold(one.direct) ? [] : [`on the host itself: ${answerText(one.direct)}`])],
        cause: causeOf(status, proxyHasIt),
        fix: {
          class: "person",
          text: proxyHasIt
            ? "look from elsewhere; if it is closed there, too: open port 80 in the firewall, and in the router's forwarding"
            : `in ${one.proxy}, let /.well-known/acme-challenge/ come from the folder that the renewal writes to, before every other rule`,
        },
      });
    }
  },
});

/** Whose users are led there, too. */
function servicesOf(scene: Scene, { app, domain }: ChallengeSeen): readonly Subject[] {
  const services = scene.apps.find(({ name }) => name === app)?.services ?? [];
  return services.filter(({ route }) => route?.domain === domain).map((service) => subjectOf(scene, app, service));
}

function causeOf(status: number | undefined, proxyHasIt: boolean): string {
  if (status === undefined)
    return proxyHasIt
      ? "the proxy answers on its host; the way there is closed, or this machine is behind the same router"
      : "nothing answers there";
  if (status === 200) return "an app answers every path with a page of its own, the challenge's too";
  if (status === 401 || status === 403) return "a password or a rule keeps the authority out";
  if (status >= 500) return "the proxy sends the path to something that doesn't run, or knows no such domain";
  return "the proxy sends the path to an app, or serves another folder than the renewal writes to";
}

function evidenceOf({ at }: Pick<ChallengeSeen, "at">): readonly string[] {
  return at.map(({ address, answered }) => `${addressText(address, 80)}: ${answerText(answered)}`);
}

function answerText(answered: Answered | undefined): string {
  if (answered?.kind !== "answered") return answered?.why ?? "?";
  if (answered.right) return "200, the file";
  return answered.location === undefined ? `${answered.status}, not the file` : `${answered.status} to ${answered.location}`;
}
