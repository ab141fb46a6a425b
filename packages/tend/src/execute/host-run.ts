import { createInterface } from "node:readline";
import type { Event } from "../journal/events.ts";
import { parseEvents } from "../journal/releases.ts";
import { Failure } from "../model/failure.ts";
import type { Host } from "../model/fleet.ts";
import type { RunId } from "../model/names.ts";
import { prelude } from "../observe/place.ts";
import type { Plan, Undo } from "../plan/plan.ts";
import { lines, type Script, sh } from "../transport/argv.ts";
import type { Channel, Transport } from "../transport/transport.ts";
import type { GapReport } from "./gap.ts";
import { HEARTBEAT, type RunPaths, segmentScript, undoScript } from "./host-script.ts";
import { giveLock, LOCKED, type LockOwner, lockedFailure, parseOwner, takeLock } from "./lock.ts";

/** What `begin` ends with when the host isn't any more what the plan stands on. */
const STALE = 77;
/** Runs whose files are kept on the host. */
const KEPT_RUNS = 50;

export class StalePlan extends Error {}

/** How long a lost connection is tried again until tend gives up waiting; the host goes on meanwhile. */
const RECONNECT_FOR_MS = 60_000;

/** A run's files on its host: what is started there, what it reports, what it leaves. */
export class HostRun {
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #plan: Plan;
  readonly #paths: RunPaths;
  #follow: Channel | undefined;

  constructor(transport: Transport, host: Host, plan: Plan, paths: RunPaths) {
    this.#transport = transport;
    this.#host = host;
    this.#plan = plan;
    this.#paths = paths;
  }

  /** Takes the lock, checks that the facts still hold, and writes down that the run begins. One round trip. */
  async begin(owner: LockOwner, basis: Script | undefined, first: readonly Event[], start: Script): Promise<void> {
    const { run, app } = this.#paths;
    const output = await this.#transport.run(
      lines([
        prelude(this.#host),
        takeLock(this.#paths, owner),
        basis
          ? sh`[ "$( ${basis} )" = ${this.#plan.basis} ] || { ${giveLock(this.#paths, this.#plan.id)}; exit ${STALE}; }`
          : sh`:`,
        sh`( umask 077; mkdir -p ${run}/out ${run}/guards && printf '%s\n' ${JSON.stringify(this.#plan)} >${run}/plan.json ) || exit 1`,
        first.length > 0
          ? sh`( umask 077; printf '%s\n' ${first.map((event) => JSON.stringify(event))} | tee -a ${run}/events.jsonl >>${app}/journal.jsonl ) || exit 1`
          : sh`:`,
        start,
      ]),
    );
    if (output.exit === LOCKED) throw lockedFailure(this.#plan.app, this.#host.name, parseOwner(output.stdout));
    if (output.exit === STALE) throw new StalePlan();
    if (output.exit === 0) return;
    await this.#transport.run(giveLock(this.#paths, this.#plan.id));
    throw this.#hostFailure("the run can't be started", output.stderr);
  }

  /** The script that starts a part of the plan and leaves it to itself. */
  segment(number: number, work: Parameters<typeof segmentScript>[4]): Script {
    return this.#launch(`segment-${number}.sh`, segmentScript(this.#plan, this.#host, this.#paths, number, work));
  }

  undo(number: number, undo: readonly Undo[]): Script {
    return this.#launch(`segment-${number}.sh`, undoScript(this.#plan, this.#host, this.#paths, number, undo));
  }

  /** In a session of its own, where there is setsid: then an interrupt ends all that it started. */
  #launch(name: string, script: Script): Script {
    const path = `${this.#paths.run}/${name}`;
    return sh`( umask 077; printf '%s\n' ${script.text} >${path} ) || exit 1
rm -f ${this.#paths.run}/pid
if command -v setsid >/dev/null 2>&1; then setsid sh ${path} </dev/null >/dev/null 2>&1 &
else nohup sh ${path} </dev/null >/dev/null 2>&1 &
fi`;
  }

  async start(script: Script): Promise<void> {
    const output = await this.#transport.run(lines([prelude(this.#host), script]));
    if (output.exit !== 0) throw this.#hostFailure("the host refused the next part of the run", output.stderr);
  }

  /** Writes down what tend itself has done meanwhile. */
  note(events: readonly Event[]): Script {
    if (events.length === 0) return sh`:`;
    return sh`( umask 077; printf '%s\n' ${events.map((event) => JSON.stringify(event))} >>${this.#paths.run}/events.jsonl )`;
  }

  /** Leaves what tend measured where the record of the release picks it up. */
  gap(report: GapReport | undefined): Script {
    return report ? sh`printf '%s' ${JSON.stringify(report)} >${this.#paths.run}/gap.json` : sh`:`;
  }

  /**
   * The events of the run after those `known` already, as they come, until the caller has seen enough. A lost connection is
   * made again and nothing is told twice. The stream keeps the lock alive, too, while the host has nothing to do; and it
   * says `dead PART` of a part whose process is gone without a word: killed, or the host was started anew.
   */
  async *events(known: readonly Event[]): AsyncGenerator<Event> {
    const { run, lock } = this.#paths;
    let seen = known.length;
    let ended = Math.max(0, ...known.map((event) => (event.type === "segment.end" ? event.segment : 0)));
    let lostAt: number | undefined;
    while (true) {
      try {
        this.#follow = this.#transport.stream(
          // Whoever reads no more (tend was killed) is noticed by the next sign of life: a tail alone would wait for ever.
          sh`[ -f ${run}/events.jsonl ] || { echo gone; exit; }
trap '' PIPE
tail -s 0.1 -n +${seen + 1} -f ${run}/events.jsonl &
tail=$!
trap 'kill $tail 2>/dev/null' EXIT
trap 'exit 0' HUP TERM
exec 2>/dev/null
while kill -0 $tail && printf '\n'; do
  [ ! -d ${lock} ] || { : >${lock}/lease; : >${lock}/watched; }
  if read -r pid part <${run}/pid && ! kill -0 "$pid" && [ -f ${run}/pid ]; then echo "dead $part"; fi
  sleep ${HEARTBEAT}
done`,
        );
        for await (const line of createInterface({ input: this.#follow.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
          lostAt = undefined;
          if (line === `dead ${ended + 1}`) throw this.#broken();
          if (line === "gone") throw this.#gone();
          for (const event of parseEvents(line)) {
            seen += 1;
            if (event.type === "segment.end") ended = Math.max(ended, event.segment);
            yield event;
          }
        }
        await this.#follow.done;
        throw new Failure({ id: "transport.lost", exit: "unreachable", title: "the run's events ended early" });
      } catch (error) {
        if (error instanceof Failure && (error.id === "run.broken" || error.id === "run.unknown")) throw error;
        lostAt ??= Date.now();
        if (!(error instanceof Failure) || Date.now() - lostAt > RECONNECT_FOR_MS) throw this.#leftAlone(error);
        await new Promise((resolve) => setTimeout(resolve, 500));
        await this.#transport.run(sh`:`).catch(() => undefined);
      } finally {
        this.#follow?.close();
      }
    }
  }

  /**
   * Asks the host to stop after the step that it is at. One that may be cut short is, if the host is still at it: with all
   * that it started, which gets 5 s to end by itself. (`--` before a group's number is an error in dash.)
   */
  async stop(cutShort: { readonly step: string } | undefined): Promise<void> {
    const { run } = this.#paths;
    const cut = cutShort
      ? sh`case "$(tail -n 1 ${run}/events.jsonl)" in *'"type":"step.start"'*${`"step":"${cutShort.step}"`}*)
  if read -r pid _ 2>/dev/null <${run}/pid; then
    rm -f ${run}/pid
    kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
    tries=0; while kill -0 "-$pid" 2>/dev/null && [ $tries -lt 50 ]; do tries=$(( tries + 1 )); sleep 0.1; done
    kill -KILL "-$pid" 2>/dev/null
    at=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
    printf '{"v":1,"at":"%s","type":"step.end","run":"%s","step":"%s","result":"failed","exit":130}\n{"v":1,"at":"%s","type":"segment.end","run":"%s","segment":0,"exit":130}\n' "$at" ${this.#plan.id} ${cutShort.step} "$at" ${this.#plan.id} >>${run}/events.jsonl
  fi ;;
esac`
      : sh`:`;
    await this.#transport.run(lines([sh`: >${run}/stop`, cut]));
  }

  /** What a step printed: its beginning and its end, where it is long. */
  async output(step: string): Promise<string> {
    const file = `${this.#paths.run}/out/${step}`;
    const output = await this.#transport.run(
      sh`[ "$(wc -c <${file})" -gt 400000 ] && { head -c 200000 ${file}; echo; tail -c 200000 ${file}; } || cat ${file}`,
    );
    return output.stdout;
  }

  /** Asks one of the plan's guards, where no step on the host has asked it yet. */
  async holds(check: Script): Promise<boolean> {
    const output = await this.#transport.run(
      lines([prelude(this.#host), sh`cd ${this.#paths.run} && ( ${check} ) >/dev/null 2>&1`]),
    );
    return output.exit === 0;
  }

  /** Writes down how it ended, gives the lock back and forgets the files of long ago. */
  async end(unwritten: readonly Event[], last: Event): Promise<void> {
    const { run, app } = this.#paths;
    await this.#transport.run(
      lines([
        this.note([...unwritten, last]),
        sh`( umask 077; printf '%s\n' ${JSON.stringify(last)} >>${app}/journal.jsonl )`,
        // What an undo would have needed; env files are among it.
        last.type === "run.end" && last.result === "done" ? sh`rm -rf ${run}/before*` : sh`:`,
        giveLock(this.#paths, this.#plan.id),
        sh`cd ${run}/.. && ls -1t | tail -n ${`+${KEPT_RUNS + 1}`} | while read -r old; do rm -rf "./$old"; done`,
      ]),
    );
  }

  /** Gives the lock back; the run itself stays open. */
  async leave(unwritten: readonly Event[]): Promise<void> {
    await this.#transport.run(lines([this.note(unwritten), giveLock(this.#paths, this.#plan.id)]));
  }

  close(): void {
    this.#follow?.close();
  }

  #gone(): Failure {
    return new Failure({
      id: "run.unknown",
      exit: "refused",
      title: `the files of run ${this.#plan.id} are not on ${this.#host.name} any more`,
      where: `${this.#host.name} · ${this.#paths.run}`,
      why: "the host was made anew, or somebody removed them; tend can't tell what came of the run",
      help: `tend status ${this.#plan.app}`,
      run: this.#plan.id,
    });
  }

  #hostFailure(title: string, stderr: string): Failure {
    return new Failure({
      id: "host.state",
      exit: "failed",
      title,
      where: this.#host.name,
      evidence: stderr.trim().split("\n").slice(-5),
      changed: "nothing",
    });
  }

  #broken(): Failure {
    return new Failure({
      id: "run.broken",
      exit: "resumable",
      title: `what ran on ${this.#host.name} was killed in the middle, or the host was started anew`,
      where: `${this.#host.name} · run ${this.#plan.id}`,
      changed: "what the steps above say; the one under way may be half done",
      help: `tend resume ${this.#plan.app}`,
      run: this.#plan.id,
    });
  }

  #leftAlone(cause: unknown): Failure {
    return new Failure({
      id: "run.left-alone",
      exit: "resumable",
      title: `the connection to ${this.#host.name} is gone; the host finishes the part that it is at`,
      where: `${this.#host.name} · run ${this.#plan.id}`,
      why: cause instanceof Failure ? cause.message : String(cause),
      changed: "what the steps above say; what runs on the host runs on",
      help: `tend resume ${this.#plan.app}`,
      run: this.#plan.id,
    });
  }
}

/** Ends a run whose tend died when nothing was left to do: the host had done the rest by itself. */
export async function closeForsaken(transport: Transport, paths: RunPaths, run: RunId, app: string): Promise<void> {
  const text = "its tend died; the host had done the rest by itself";
  const last: Event = { v: 1, at: new Date().toISOString(), type: "run.end", run, app, result: "superseded", text };
  await transport.run(
    lines([sh`( umask 077; printf '%s\n' ${JSON.stringify(last)} >>${paths.app}/journal.jsonl )`, giveLock(paths, run)]),
  );
}
