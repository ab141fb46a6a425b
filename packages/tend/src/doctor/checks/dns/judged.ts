import { frontsOf } from "../../../dns/addresses.ts";
import type { NameSeen } from "../../../dns/ask.ts";
import { answerText, type Standing, standingOf, tells } from "../../../dns/compare.ts";
import { type Domain, domainsOf } from "../../../dns/domains.ts";
import { keeperOf } from "../../../dns/keeper.ts";
import { type Reached, reachedAt } from "../../../dns/reached.ts";
import type { Seen } from "../../facts/index.ts";
import { Unmeasured } from "../../facts/part.ts";
import { type Fix, type Subject, skip, type Verdict } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";

/** A domain of the host's apps, as its name servers see it, and how that stands to where the host is. */
export interface JudgedName {
  readonly seen: NameSeen;
  readonly standing: Standing;
  readonly reached: Reached;
  /** The first service that it leads to; `others` are those that share it, and the domain itself, as its certificate is told of. */
  readonly subject: Subject;
  readonly others: readonly Subject[];
  readonly domain: Domain;
}

export function judgedNames(seen: Pick<Seen, "names" | "addresses" | "publicAddress">, scene: Scene): readonly JudgedName[] {
  if (seen.names.asked.length === 0) return [];
  const reached = reachedAt(scene.host, seen.addresses, () => seen.publicAddress);
  const isFront = frontsOf(scene.fleet.dns.fronts);
  const domains = domainsOf(scene.fleet, scene.apps);
  return seen.names.asked.flatMap((name) => {
    const domain = domains.find((one) => one.name === name.name);
    const [subject, ...more] = domain?.of.map(({ app, service }) => subjectOf(scene, app, service)) ?? [];
    if (!domain || subject === undefined) return [];
    const others = [...more, ...new Set(domain.of.map(({ app }) => subjectOf(scene, app, domain.name)))];
    return [{ seen: name, standing: standingOf(name, reached, isFront), reached, subject, others, domain }];
  });
}

/** Judges each name by itself; what can't be known of one doesn't hide what is known of the others. */
export function* eachName(seen: Seen, scene: Scene, judge: (name: JudgedName) => Verdict): Iterable<Verdict> {
  const domains = domainsOf(scene.fleet, scene.apps);
  for (const { name, why } of seen.names.skipped) {
    const of = domains.find((domain) => domain.name === name)?.of[0];
    yield skip(of ? subjectOf(scene, of.app, of.service) : subjectOf(scene), `${name}: ${why}`);
  }
  const unknown: string[] = [];
  for (const name of judgedNames(seen, scene)) {
    if (name.standing.kind === "unknown") unknown.push(`${name.seen.name}: ${name.standing.why}`);
    else yield judge(name);
  }
  if (unknown.length > 0) throw new Unmeasured(unknown.join("; "));
}

/** The name whose records are meant: behind an alias, the last one. */
export function recordOf({ name, aliases }: NameSeen): string {
  return aliases.at(-1) ?? name;
}

export function evidenceOf({ seen, reached }: JudgedName, { host }: Scene): readonly string[] {
  const told = seen.servers.filter(tells);
  const said = [...Map.groupBy(told, answerText)].map(
    ([text, same]) => `${same.map(({ server }) => server).join(", ")}: ${text}`,
  );
  return [
    ...(seen.aliases.length > 0 ? [`${seen.name} is another name of ${seen.aliases.join(", of ")}`] : []),
    ...(seen.wildcard ? [`it comes from a wildcard: any name beside ${recordOf(seen)} has it`] : []),
    ...said.slice(0, 2),
    `${host.name} is at ${[...(reached.a ?? []), ...reached.aaaa].join(", ") || "an address that isn't known"}${reached.a ? `, ${reached.from}` : ""}`,
  ];
}

/** By tend where it is declared who keeps the zone; else by hand. `what` is the edit: `set its A record to 203.0.113.7`. */
export function fixOf({ seen, domain }: JudgedName, scene: Scene, what: string): Fix {
  const app = domain.of[0]?.app.name;
  const keeper = keeperOf(scene.fleet, scene.host, recordOf(seen));
  if (keeper && app !== undefined) return { class: "plan", text: what, operation: `tend dns update ${app}` };
  return {
    class: "person",
    text: `${what}, where the zone ${seen.zone ?? recordOf(seen)} is kept; with the keeper declared under dns in tend.yaml, tend dns update ${app} does it`,
  };
}
