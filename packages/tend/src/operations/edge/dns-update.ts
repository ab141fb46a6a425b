import { isIPv4, isIPv6 } from "node:net";
import { secretOf } from "../../dns/act.ts";
import { answerText, tells } from "../../dns/compare.ts";
import { forceScript, isAbout, type Remembered, wentThrough } from "../../dns/ddclient.ts";
import { keeperOf } from "../../dns/keeper.ts";
import { type JudgedName, judgedNames, recordOf } from "../../doctor/checks/dns/judged.ts";
import { scenesOf } from "../../doctor/diagnose.ts";
import { seenOf } from "../../doctor/facts/index.ts";
import { Unmeasured } from "../../doctor/facts/part.ts";
import { gather } from "../../doctor/gather.ts";
import { type DnsKeeper, keeperText, type Records, recordsText } from "../../model/dns.ts";
import { Failure } from "../../model/failure.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import { defineOperation, type HostLook } from "../../operation.ts";
import { someApps } from "../../params.ts";
import type { Step, SummaryLine } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";

/** Seconds: a zone's secondary servers follow within moments, a provider's within a minute or two. */
const DEADLINE = 180;

/** A name that has to be changed. */
interface Due {
  readonly name: string;
  readonly now: string;
  readonly keeper: DnsKeeper;
  /** Undefined where ddclient finds out by itself. */
  readonly records?: Records;
}

interface Facts {
  readonly due: readonly Due[];
  readonly well: readonly string[];
  /** What tend can't do, and why. */
  readonly left: readonly string[];
}

export const dnsUpdate = defineOperation({
  kind: "host",
  name: "dns update",
  summary: "Set the records of the domains that lead elsewhere, and see that DNS has it",
  details: `Only what is wrong or missing is touched. Who is told, is declared under dns: Namecheap's Dynamic DNS, a name server
that takes updates (RFC 2136), or ddclient on the host. Success is said once all name servers
that answer for a domain have its new address. Passwords and keys stay on this machine, and are in no plan, journal or log.`,
  effect: "changes",
  params: { apps: someApps("whose domains; all of them when none is named") },
  examples: [
    { command: "tend dns update skriptoteket --dry-run", explains: "what would be set, and with whom" },
    { command: "tend dns update", explains: "every domain of the fleet that leads elsewhere" },
  ],
  targets: ({ apps }, fleet) => [
    ...new Set((apps.length > 0 ? apps : [...fleet.apps.keys()]).flatMap((name) => fleet.apps.get(name)?.host ?? [])),
  ],
  async facts(look, { apps }) {
    const facts = await lookAt(look, apps);
    for (const { keeper } of facts.due) if (keeper.kind !== "ddclient") await secretOf(keeper);
    return facts;
  },
  draft({ due, well, left }, { fleet, host }) {
    const steps = [...forceSteps(due, host), ...due.flatMap((one, at) => stepsOf(one, at + 1, fleet))];
    return {
      title: `update the names that lead to ${host.name}`,
      summary: [...due.map(summaryOf), ...left.map((text) => ({ label: "left", text }))],
      steps,
      undo: [],
      watch: [],
      outcome: `all name servers that answer say so: ${due.map(({ name }) => name).join(", ")}${due.length === 1 ? " leads" : " lead"} to ${host.name}${left.length > 0 ? "; what is left, the plan says" : ""}`,
      nothing: steps.length === 0 ? nothingText(well, host) : undefined,
    };
  },
});

async function lookAt({ session, fleet, host }: HostLook, apps: Parameters<typeof scenesOf>[1]): Promise<Facts> {
  const scene = (await scenesOf(session, apps)).find((one) => one.host.name === host.name);
  if (!scene) throw new Error(`${host.name} is no host of what was asked about`);
  const seen = seenOf((await gather(session, scene, ["names", "addresses", "publicAddress", "ddclient"])).facts);
  try {
    const names = judgedNames(seen, scene);
    const { remembers } = seen.ddclient;
    const judged = names.map((name) => ({ name, ...verdictOn(name, keeperOf(fleet, host, recordOf(name.seen)), remembers) }));
    const due = distinct(judged.flatMap((one) => one.due ?? []));
    const left = judged.flatMap((one) => one.left ?? []);
    if (due.length === 0 && left.length > 0) throw nothingToBeDone(left, host);
    return { due, left, well: judged.filter((one) => !one.due && !one.left).map(({ name }) => name.seen.name) };
  } catch (error) {
    if (!(error instanceof Unmeasured)) throw error;
    throw new Failure({
      id: "dns.unknown",
      exit: "refused",
      title: `it can't be told how the names of ${host.name} stand`,
      why: error.message,
      changed: "nothing",
      help: "tend dns check",
    });
  }
}

/** What is to be done about a name, or why tend can't; neither where it is well. */
function verdictOn(
  name: JudgedName,
  keeper: DnsKeeper | undefined,
  remembers: readonly Remembered[],
): { readonly due?: Due; readonly left?: string } {
  const { reached, standing } = name;
  const record = recordOf(name.seen);
  // DNS is right by chance then, until the address changes.
  const wasRefused =
    keeper?.kind === "ddclient" && remembers.some((one) => isAbout(one, record, name.seen.zone) && !wentThrough(one));
  if ((standing.kind === "right" || standing.kind === "fronted") && !wasRefused) return {};
  if (standing.kind === "lame") return { left: `${record}: none of its name servers answers for it` };
  if (!keeper) return { left: `${record}: ${nowOf(name)}; nobody is declared who keeps its zone` };
  if (standing.kind === "unknown" && (reached.a !== undefined || !name.seen.servers.some(tells))) {
    return { left: `${record}: ${standing.why}` };
  }
  if (reached.a === undefined)
    return keeper.kind === "ddclient" ? { due: { name: record, now: nowOf(name), keeper } } : { left: noAddress(record) };
  const records = wantedOf(name, reached.a);
  if (keeper.kind === "rfc2136") return { due: { name: record, now: nowOf(name), keeper, records } };
  const byHand =
    standing.kind === "stale-six" || (standing.kind === "wrong" && standing.aaaa.length > 0)
      ? recordsText({ aaaa: records.aaaa })
      : undefined;
  const left = byHand === undefined ? undefined : `${byHand} for ${record}: ${keeperText(keeper)}, changes A records only`;
  if (standing.kind === "stale-six" && !wasRefused) return { left };
  return { due: { name: record, now: nowOf(name), keeper, records: { a: records.a.slice(0, 1) } }, left };
}

function noAddress(record: string): string {
  return `${record}: where it should lead isn't known; declare the host's addresses, or dns.echo`;
}

/** What is declared is set. Of what was only found, what is there and right stays, and no AAAA record is made: the proxy may not answer there. */
function wantedOf({ seen, reached }: JudgedName, a: readonly string[]): Required<Pick<Records, "a">> & Records {
  const [six, four] = [reached.declared.filter(isIPv6), reached.declared.filter(isIPv4)];
  const published = (kind: "a" | "aaaa") => [...new Set(seen.servers.flatMap((one) => one[kind]))];
  const right = published("a").filter((one) => a.includes(one));
  const ownSix = published("aaaa").filter((one) => reached.own.includes(one));
  return {
    a: four.length > 0 ? four : right.length > 0 ? right : a.slice(0, 1),
    aaaa: six.length > 0 ? six : published("aaaa").length > 0 ? ownSix : undefined,
  };
}

function nowOf({ seen, standing }: JudgedName): string {
  if (standing.kind === "disagree") return standing.versions.map(({ answer }) => answerText(answer)).join(" | ");
  const answer = "answer" in standing ? standing.answer : seen.servers.find(tells);
  return answer ? answerText(answer) : "no address";
}

/** Several domains may be other names of one. */
function distinct(due: readonly Due[]): readonly Due[] {
  return [...new Map(due.map((one) => [one.name, one])).values()];
}

function summaryOf({ name, now, keeper, records }: Due): SummaryLine {
  return { label: name, text: `${now} → ${records ? recordsText(records) : "what ddclient finds"}, with ${keeperText(keeper)}` };
}

/** One run of ddclient sends all its names. */
function forceSteps(due: readonly Due[], host: Host): readonly Step[] {
  const names = due.filter(({ keeper }) => keeper.kind === "ddclient").map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      id: "force",
      title: `have ddclient on ${host.name} send its addresses anew`,
      because: `${names.join(", ")}: it compares with its cache, not with DNS`,
      effect: "changes",
      phase: "switch",
      action: exec([forceScript]),
      fails: { id: "dns.refused", title: `ddclient on ${host.name} could not send its addresses` },
    },
  ];
}

function stepsOf({ name, now, keeper, records }: Due, at: number, fleet: Fleet): readonly Step[] {
  const agree: Step = {
    id: `agree-${at}`,
    title: `see that all name servers of ${name} say so`,
    because: "a change that they don't answer with is none",
    effect: "reads",
    phase: "switch",
    action: { kind: "agree", name, servers: fleet.dns.servers, records, deadline: DEADLINE },
  };
  if (keeper.kind === "ddclient" || records === undefined) return [agree];
  const set: Step = {
    id: `set-${at}`,
    title: `set ${name} to ${recordsText(records)}`,
    because: `its name servers say ${now}`,
    effect: "changes",
    phase: "switch",
    allOrNothing: true,
    action: { kind: "record", by: keeper, name, records },
  };
  return [set, agree];
}

function nothingText(well: readonly string[], host: Host): string {
  if (well.length === 0) return `no app on ${host.name} has a domain whose DNS can be asked`;
  return `${well.join(", ")} ${well.length === 1 ? "leads" : "lead"} to ${host.name}: nothing to change`;
}

function nothingToBeDone(left: readonly string[], host: Host): Failure {
  return new Failure({
    id: "dns.nobody",
    exit: "refused",
    title: `tend can't mend the names that should lead to ${host.name}`,
    evidence: left.slice(0, 5),
    changed: "nothing",
    help: "declare what is missing in tend.yaml: who keeps the zone, under dns, or the host's addresses",
  });
}
