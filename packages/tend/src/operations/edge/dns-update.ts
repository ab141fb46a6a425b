import { secretOf } from "../../dns/act.ts";
import { answerText, type Standing } from "../../dns/compare.ts";
import { forceScript, type Remembered } from "../../dns/ddclient.ts";
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
  /** What the keeper can't do. */
  readonly byHand?: string;
}

interface Facts {
  readonly due: readonly Due[];
  readonly well: readonly string[];
  /** Names that nobody is declared for, and what is wrong with them. */
  readonly left: readonly string[];
}

export const dnsUpdate = defineOperation({
  kind: "host",
  name: "dns update",
  summary: "Set the records of the domains that lead elsewhere, and see that DNS has it",
  details: `Only what is wrong or missing is touched. Who is told, is declared under dns: Namecheap's Dynamic DNS, a name server
that takes updates (RFC 2136), or ddclient on the host. Success is said once all responsible name servers answer with the
new address. Passwords and keys stay on this machine, and are in no plan, journal or log.`,
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
      summary: [...due.flatMap(summaryOf), ...left.map((text) => ({ label: "left", text }))],
      steps,
      undo: [],
      watch: [],
      outcome: `all name servers say so: ${due.map(({ name }) => name).join(", ")}${due.length === 1 ? " leads" : " lead"} to ${host.name}`,
      nothing: steps.length === 0 ? nothingText(well, host) : undefined,
    };
  },
});

async function lookAt({ session, fleet, host }: HostLook, apps: Parameters<typeof scenesOf>[1]): Promise<Facts> {
  const scene = (await scenesOf(session, apps)).find((one) => one.host.name === host.name);
  if (!scene) throw new Error(`${host.name} is no host of what was asked about`);
  const seen = seenOf((await gather(session, scene)).facts);
  try {
    const names = judgedNames(seen, scene);
    const { remembers } = seen.ddclient;
    const wrong = names.filter(
      (name) => needsUpdate(name.standing) || isForgotten(name, remembers, keeperOf(fleet, host, recordOf(name.seen))),
    );
    const all = wrong.map((name) => ({ name, keeper: keeperOf(fleet, host, recordOf(name.seen)) }));
    const due = all.flatMap(({ name, keeper }) => (keeper ? [dueOf(name, keeper, host)] : []));
    const left = all.flatMap(({ name, keeper }) =>
      keeper ? [] : [`${recordOf(name.seen)}: ${nowOf(name)}; nobody is declared who keeps its zone`],
    );
    if (due.length === 0 && left.length > 0) throw nobody(left);
    return { due: distinct(due), left, well: names.filter((name) => !wrong.includes(name)).map(({ seen: { name } }) => name) };
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

function needsUpdate({ kind }: Standing): boolean {
  return kind !== "right" && kind !== "fronted" && kind !== "lame";
}

/** ddclient's last try was refused: DNS is right by chance, until the address changes. */
function isForgotten({ seen }: JudgedName, remembers: readonly Remembered[], keeper: DnsKeeper | undefined): boolean {
  const entry = remembers.find(({ host }) => host === recordOf({ ...seen }));
  return keeper?.kind === "ddclient" && entry?.status !== undefined && entry.status !== "good" && entry.status !== "nochg";
}

function dueOf(name: JudgedName, keeper: DnsKeeper, host: Host): Due {
  const { reached, seen, standing } = name;
  const record = recordOf(seen);
  const now = nowOf(name);
  if (standing.kind === "unknown" && (reached.a !== undefined || keeper.kind !== "ddclient")) {
    throw new Unmeasured(`${record}: ${standing.why}`);
  }
  if (reached.a === undefined && keeper.kind === "ddclient") return { name: record, now, keeper };
  if (reached.a === undefined) throw unknownAddress(record, host);
  const published = new Set(seen.servers.flatMap(({ aaaa }) => aaaa));
  const wantsSix = reached.wantsSix || published.size > 0;
  const aaaa = wantsSix
    ? reached.aaaa.filter((one) => !reached.wantsSix || host.addresses?.includes(one)).slice(0, 1)
    : undefined;
  const isAsWanted = aaaa === undefined || (published.size === aaaa.length && aaaa.every((one) => published.has(one)));
  if (keeper.kind === "rfc2136") return { name: record, now, keeper, records: { a: reached.a, aaaa } };
  const byHand =
    isAsWanted || aaaa === undefined
      ? undefined
      : `${recordsText({ aaaa })} of ${record}: ${keeperText(keeper)} changes A records only`;
  return { name: record, now, keeper, records: { a: reached.a.slice(0, 1) }, byHand };
}

function nowOf({ seen, standing }: JudgedName): string {
  if (standing.kind === "disagree") return standing.versions.map(({ answer }) => answerText(answer)).join(" | ");
  return "answer" in standing && standing.answer
    ? answerText(standing.answer)
    : seen.servers[0]
      ? answerText(seen.servers[0])
      : "no address";
}

/** Several domains may be other names of one. */
function distinct(due: readonly Due[]): readonly Due[] {
  return [...new Map(due.map((one) => [one.name, one])).values()];
}

function summaryOf({ name, now, keeper, records, byHand }: Due): readonly SummaryLine[] {
  return [
    { label: name, text: `${now} → ${records ? recordsText(records) : "what ddclient finds"}, with ${keeperText(keeper)}` },
    ...(byHand ? [{ label: "by hand", text: byHand }] : []),
  ];
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

function nobody(left: readonly string[]): Failure {
  return new Failure({
    id: "dns.nobody",
    exit: "refused",
    title: "it isn't declared who keeps these names",
    evidence: left.slice(0, 5),
    changed: "nothing",
    help: "declare it in tend.yaml: dns.namecheap, dns.rfc2136 or dns.ddclient",
  });
}

function unknownAddress(name: string, host: Host): Failure {
  return new Failure({
    id: "dns.unknown",
    exit: "refused",
    title: `where ${name} should lead isn't known: ${host.name} has no public address of its own`,
    changed: "nothing",
    help: `declare hosts.${host.name}.addresses, or dns.echo`,
  });
}
