import type { NameSeen, ServerAnswer } from "./ask.ts";
import { sameAddresses } from "./ask.ts";
import type { Reached } from "./reached.ts";

/** How a name stands to the host that it should lead to. */
export type Standing =
  | { readonly kind: "right"; readonly answer: ServerAnswer }
  /** A CDN or load balancer answers in the host's place. */
  | { readonly kind: "fronted"; readonly answer: ServerAnswer }
  /** There is no such name; or it has no address of IPv4. */
  | { readonly kind: "missing"; readonly answer?: ServerAnswer }
  | { readonly kind: "wrong"; readonly answer: ServerAnswer; readonly a: readonly string[]; readonly aaaa: readonly string[] }
  /** The AAAA records are wrong; the A records are right, or can't be told. */
  | { readonly kind: "stale-six"; readonly answer: ServerAnswer; readonly aaaa: readonly string[] }
  | { readonly kind: "disagree"; readonly versions: readonly Version[] }
  /** None of the name servers answers for the name. */
  | { readonly kind: "lame" }
  | { readonly kind: "unknown"; readonly why: string };

/** Servers that say the same. */
export interface Version {
  readonly answer: ServerAnswer;
  readonly servers: readonly string[];
  /** It leads elsewhere than to the host. */
  readonly wrong: boolean;
}

export function tells({ outcome }: ServerAnswer): boolean {
  return outcome === "answer" || outcome === "none";
}

/** Pure. What can't be known is `unknown`, never wrong. */
export function standingOf(seen: NameSeen, reached: Reached, isFront: (address: string) => boolean): Standing {
  if (seen.undelegated) return { kind: "missing" };
  const told = seen.servers.filter(tells);
  const [first] = told;
  if (!first) {
    if (seen.trouble !== undefined) return { kind: "unknown", why: seen.trouble };
    const isLame = seen.servers.length > 0 && seen.servers.every(({ outcome }) => outcome === "refused" || outcome === "broken");
    return isLame ? { kind: "lame" } : { kind: "unknown", why: `no name server of ${seen.zone ?? seen.name} answers from here` };
  }
  if (told.some((one) => !sameAddresses(one, first))) return { kind: "disagree", versions: versionsOf(told, reached, isFront) };
  return standingOfAnswer(first, reached, isFront);
}

function versionsOf(told: readonly ServerAnswer[], reached: Reached, isFront: (address: string) => boolean): readonly Version[] {
  return [...Map.groupBy(told, ({ a, aaaa }) => `${a.join()} ${aaaa.join()}`).values()].map((same) => {
    const answer = same[0] as ServerAnswer;
    const { kind } = standingOfAnswer(answer, reached, isFront);
    return {
      answer,
      servers: same.map((one) => one.server),
      wrong: kind === "wrong" || kind === "missing" || kind === "stale-six",
    };
  });
}

function standingOfAnswer(answer: ServerAnswer, reached: Reached, isFront: (address: string) => boolean): Standing {
  const all = [...answer.a, ...answer.aaaa];
  if (all.length === 0) return { kind: "missing", answer };
  if (all.every(isFront)) return { kind: "fronted", answer };
  const own = new Set([...reached.own, ...(reached.a ?? []), ...reached.aaaa]);
  const a = answer.a.filter((one) => !own.has(one) && !isFront(one));
  const aaaa = answer.aaaa.filter((one) => !own.has(one) && !isFront(one));
  if (a.length > 0 && aaaa.length === 0 && reached.a === undefined) {
    return {
      kind: "unknown",
      why: "the host has no public IPv4 address of its own, and neither its addresses nor dns.echo is declared",
    };
  }
  if (a.length > 0 && reached.a !== undefined) return { kind: "wrong", answer, a, aaaa };
  if (aaaa.length > 0) return { kind: "stale-six", answer, aaaa };
  if (answer.a.length === 0 && reached.a !== undefined) return { kind: "missing", answer };
  return { kind: "right", answer };
}

/** `A 203.0.113.7, AAAA 2001:db8::7`, or `nothing`. */
export function answerText({ a, aaaa }: Pick<ServerAnswer, "a" | "aaaa">): string {
  const parts = [...(a.length > 0 ? [`A ${a.join(" ")}`] : []), ...(aaaa.length > 0 ? [`AAAA ${aaaa.join(" ")}`] : [])];
  return parts.length > 0 ? parts.join(", ") : "no address";
}
