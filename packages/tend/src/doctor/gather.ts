import { asFailure } from "../carry-out.ts";
import { type Seen as Answer, observe, type Probe, probe } from "../observe/observe.ts";
import { prelude } from "../observe/place.ts";
import type { Session } from "../session.ts";
import { type Script, sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { type Facts, type Measured, type PartName, parts, seenOf } from "./facts/index.ts";
import { type First, type HerePart, type HostPart, type Part, type Reach, Unmeasured } from "./facts/part.ts";
import type { Scene } from "./scene.ts";

/** What was seen of a host, and the raw answers that it was read from: those go into a support bundle, and into fixtures. */
export interface Gathered {
  readonly facts: Facts;
  readonly raw: Readonly<Record<string, Answer>>;
}

/** Seconds after which a question is given up, where it doesn't say. */
const WITHIN = 10;
/** Questions that a host answers at a time: each may start one of Docker's clients, of some 30 MB. */
const AT_ONCE = 6;
/** What coreutils' and busybox's `timeout` end with. */
const TIMED_OUT = [124, 143];

/**
 * Looks at a host: at most two round trips, and what is asked from here beside them. It never throws: what can't be had is
 * a fact, too. `only` names the parts that are wanted, with those that they go by.
 */
export async function gather(session: Session, scene: Scene, only?: readonly PartName[]): Promise<Gathered> {
  const facts: Partial<Record<string, Measured>> = {};
  const raw: Record<string, Answer> = {};
  let reach: Reach;
  let transport: Transport | undefined;
  try {
    transport = await session.transport(scene.host);
    reach = { via: transport.via };
  } catch (error) {
    const { id, title, evidence, why, help } = asFailure(error).parts;
    reach = { via: "", failure: { id, title, evidence, why, help } };
  }
  const first = seenOf(facts);
  const asking = async (round: Round) => {
    const asked = due("host", round, only);
    const answered = await askHost(transport, scene, asked, first);
    Object.assign(facts, answered.facts);
    for (const [name, { secret }] of asked) if (!secret && answered.raw[name]) raw[name] = answered.raw[name];
  };
  const looking = async (round: Round) => {
    Object.assign(facts, await lookAround(session, scene, due("here", round, only), first));
  };
  const beside = looking("first");
  await asking("first");
  await Promise.all([asking("second"), looking("second"), beside]);
  return { facts: { ...facts, reach: { value: reach } } as Facts, raw };
}

type Round = "first" | "second";
type Named<P> = readonly (readonly [name: string, part: P])[];

/** The parts of a round that are wanted, on the host or from here. */
function due<At extends "host" | "here">(
  at: At,
  round: Round,
  only: readonly PartName[] | undefined,
): Named<Extract<Part<unknown>, { at: At }>> {
  return (Object.entries(parts) as [PartName, Part<unknown>][]).flatMap(([name, part]) =>
    part.at === at && (part.after ? "second" : "first") === round && (!only || only.includes(name))
      ? [[name, part as Extract<Part<unknown>, { at: At }>] as const]
      : [],
  );
}

async function lookAround(
  session: Session,
  scene: Scene,
  looked: Named<HerePart<unknown>>,
  first: First,
): Promise<Record<string, Measured>> {
  return Object.fromEntries(
    await Promise.all(looked.map(async ([name, part]) => [name, await lookFromHere(session, scene, part, first)] as const)),
  );
}

/** Asks some parts in one round trip, and no others. */
export async function askHost(
  transport: Transport | undefined,
  scene: Scene,
  asked: Named<HostPart<unknown>>,
  first: First,
): Promise<{ readonly facts: Record<string, Measured>; readonly raw: Record<string, Answer> }> {
  const facts: Record<string, Measured> = {};
  const probes: Record<string, Probe<Answer>> = {};
  for (const [name, part] of asked) {
    if (!transport) facts[name] = { unmeasured: `${scene.host.name} can't be reached` };
    else {
      const script = attempt(() => part.script(scene, first));
      if ("unmeasured" in script) facts[name] = script;
      else if (script.value === undefined) facts[name] = { value: undefined };
      else probes[name] = probe(bounded(script.value as Script, part.within ?? WITHIN), (answer) => answer);
    }
  }
  if (!transport || Object.keys(probes).length === 0) return { facts, raw: {} };
  let raw: Record<string, Answer>;
  try {
    raw = await observe(transport, prelude(scene.host), probes, { atOnce: AT_ONCE });
  } catch (error) {
    const unmeasured = asFailure(error).message;
    return { facts: { ...facts, ...Object.fromEntries(Object.keys(probes).map((name) => [name, { unmeasured }])) }, raw: {} };
  }
  for (const [name, part] of asked) {
    const answer = raw[name];
    if (answer) facts[name] = understood(part, answer, scene);
  }
  return { facts, raw };
}

/** An answer as its part reads it. Also for answers that were recorded. */
export function understood(part: HostPart<unknown>, answer: Answer, scene: Scene): Measured {
  if (TIMED_OUT.includes(answer.exit)) return { unmeasured: `no answer within ${part.within ?? WITHIN} s` };
  return attempt(() => part.read(answer, scene));
}

/** In a shell of its own, so that it can be ended with all that it waits for. */
function bounded(script: Script, seconds: number): Script {
  return sh`timeout -k 1 ${seconds} sh -c ${script.text}`;
}

async function lookFromHere(session: Session, scene: Scene, part: HerePart<unknown>, first: First): Promise<Measured> {
  const within = part.within ?? WITHIN;
  const timeout = AbortSignal.timeout(within * 1000);
  const signal = session.signal ? AbortSignal.any([session.signal, timeout]) : timeout;
  const late = new Promise<Measured>((resolve) =>
    timeout.addEventListener("abort", () => resolve({ unmeasured: `no answer within ${within} s` }), { once: true }),
  );
  const looking = part.look(scene, { session, first, signal }).then((value): Measured => ({ value }), notTold);
  return Promise.race([looking, late]);
}

function attempt(what: () => unknown): Measured {
  try {
    return { value: what() };
  } catch (error) {
    return notTold(error);
  }
}

/** An answer that isn't understood is no reason for alarm, and no reason to end: it is not known, and says why. */
function notTold(error: unknown): Measured {
  if (error instanceof Unmeasured) return { unmeasured: error.message };
  return { unmeasured: `the answer can't be understood: ${error instanceof Error ? error.message : String(error)}` };
}
