import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { ask } from "./ask.ts";
import { on } from "./lab.ts";
import type { Skriptoteket } from "./skriptoteket.ts";
import { backups, databases, KEPT_IN, sql, tend } from "./skriptoteket-data.ts";

/** Where something goes wrong: in which step, after how much of the time that it usually takes, and what. */
export interface Point {
  readonly number: number;
  readonly step: string;
  readonly share: number;
  readonly fault: keyof typeof FAULTS;
}

/** What came of a run that was hit. */
export interface Hit {
  /** null: tend itself was killed. */
  readonly exit: number | null;
  readonly told: string;
  /** It was under way. */
  readonly struck: boolean;
}

/** Points spread over the steps and the faults; the same seed gives the same ones. */
export function points(seed: number, count: number, steps: readonly string[]): readonly Point[] {
  const next = numbers(seed);
  const faults = Object.keys(FAULTS) as Point["fault"][];
  return Array.from({ length: count }, (_, at) => ({
    number: at + 1,
    step: steps[Math.floor(next() * steps.length)] as string,
    share: Math.round(next() * 100) / 100,
    fault: faults[at % faults.length] as Point["fault"],
  }));
}

const RUNNER = "read -r runner _ <$pid 2>/dev/null && kill -KILL -- -$runner 2>/dev/null";

const FAULTS = {
  "tend is killed": async (_: Skriptoteket, running: ChildProcess) => {
    running.kill("SIGKILL");
  },
  "what it runs on the host is killed": (app: Skriptoteket) =>
    on(app.host, `for pid in ~/.local/state/tend/runs/*/pid; do ${RUNNER}; done; true`),
  "tend and what it runs on the host are killed": async (app: Skriptoteket, running: ChildProcess) => {
    running.kill("SIGKILL");
    await on(app.host, `for pid in ~/.local/state/tend/runs/*/pid; do ${RUNNER} && rm -f $pid; done; true`);
  },
  "the tools' clients are killed": (app: Skriptoteket) =>
    on(app.host, "pkill -KILL -f '[d]ocker exec .*(pg_dump|pg_restore|psql)'; true"),
  "the tools' sessions are ended": (app: Skriptoteket) =>
    sql(
      app,
      `select pg_terminate_backend(pid) from pg_stat_activity
where application_name in ('pg_dump', 'pg_restore', 'psql') and pid <> pg_backend_pid()`,
      "postgres",
    ),
  "the server is killed": (app: Skriptoteket) => on(app.host, "docker kill shared-postgres"),
  "the connection drops": (app: Skriptoteket) => on(app.host, "pkill -KILL -f 'sshd-session: root@notty'"),
};

/** How long the steps of a run take when nothing goes wrong, in milliseconds. */
export async function durations(app: Skriptoteket, ...args: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await tend(app, 0, ...args, "--json");
  const began = new Map<string, number>();
  const took = new Map<string, number>();
  for (const line of stdout.split("\n").filter(Boolean)) {
    const { type, step, ms } = JSON.parse(line) as { type: string; step: string; ms?: number };
    if (type === "step.start") began.set(step, Date.now());
    if (type === "step.end") took.set(step, ms ?? 0);
  }
  return took;
}

/** Starts tend, lets the fault happen at its point, and waits for what comes of it. */
export async function hit(
  app: Skriptoteket,
  point: Point,
  took: ReadonlyMap<string, number>,
  ...args: readonly string[]
): Promise<Hit> {
  const running = app.workshop.spawnTend(...args, "--json");
  let told = "";
  const { promise: step, resolve: began } = Promise.withResolvers<void>();
  running.stderr?.setEncoding("utf8").on("data", (text: string) => (told += text));
  createInterface({ input: running.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    told += `${line}\n`;
    if (line.includes('"type":"step.start"') && line.includes(`"step":"${point.step}"`)) began();
  });
  const ended = new Promise<number | null>((resolve) => running.on("close", resolve));
  await Promise.race([step, ended]);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, point.share * (took.get(point.step) ?? 0))), ended]);
  const struck = running.exitCode === null;
  await FAULTS[point.fault](app, running).catch(() => undefined);
  const exit = await ended;
  if (point.fault === "the server is killed") await serverAgain(app);
  return { exit, told, struck };
}

async function serverAgain(app: Skriptoteket): Promise<void> {
  await on(
    app.host,
    "docker start shared-postgres >/dev/null; until docker exec shared-postgres pg_isready -q -U postgres; do sleep 0.2; done",
  );
}

/**
 * After whatever it was: `tend resume` comes to an end, also with what could not be taken back while the server was away;
 * the app serves, every backup that is listed is whole, nothing is half there, no migration began behind a backup that
 * failed, and the next backup succeeds.
 */
export async function recovers(app: Skriptoteket, result: Hit): Promise<void> {
  const resumed = await app.workshop.tend("resume", "skriptoteket");
  const all = `${result.told}\n--- resume: ${resumed.exit}\n${resumed.stdout}${resumed.stderr}`;
  expect([0, 1, 5], all).toContain(resumed.exit);
  if (result.exit !== null) expect([0, 1, 5, 8], all).toContain(result.exit);
  await serves(app, all);
  const verified = await app.workshop.tend("backup", "verify", "skriptoteket");
  expect(verified.exit, `${all}\n${verified.stdout}`).toBe(0);
  await expectOrder(app);
  await tend(app, 0, "backup", "skriptoteket", "--only", "main");
  expect(
    await on(app.host, `ls -A ${KEPT_IN} | grep partial; ls -d ~/.local/state/tend/apps/*/lock 2>/dev/null; true`),
    all,
  ).toBe("");
  expect(await halfDone(app), all).toEqual([]);
}

/** Databases that only a run under way has. */
export async function halfDone(app: Skriptoteket): Promise<readonly string[]> {
  return (await databases(app)).filter((name) => /__(restored|drill)_/.test(name));
}

async function serves(app: Skriptoteket, all: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const { status, body } = await ask(app.target("/tools"));
    if (status === 200) return;
    if (Date.now() > end) throw new Error(`the app answers ${status} ${body}\n${all}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** In each run's own events: what migrates began only after the backup had succeeded. */
async function expectOrder(app: Skriptoteket): Promise<void> {
  const runs = await on(app.host, 'cd ~/.local/state/tend/runs && for run in *; do echo "run $run"; cat $run/events.jsonl; done');
  let backedUp = false;
  for (const line of runs.split("\n")) {
    if (line.startsWith("run ")) backedUp = false;
    if (/"type":"step.end".*"step":"(before-)?backup-main","result":"done"/.test(line)) backedUp = true;
    if (/"type":"step.start".*"step":"migrate"/.test(line)) expect(backedUp, runs).toBe(true);
  }
}

/** The names of the database's backups that are listed and not broken, the newest first. */
export async function good(app: Skriptoteket): Promise<readonly string[]> {
  return (await backups(app)).flatMap((one) => (one.manifest && one.subject === "main" ? [one.name] : []));
}

/** Some rows, so that a dump takes a moment. */
export async function fill(app: Skriptoteket): Promise<void> {
  await sql(
    app,
    `create table ballast as select n, string_agg(md5(random()::text), '') as text
from generate_series(1, 30000) n, generate_series(1, 12) part group by n;
alter table ballast add primary key (n);`,
  );
}

/** So many of the newest backups stay: the others would only take time. */
export async function keepNewest(app: Skriptoteket, count: number, but = ""): Promise<void> {
  const names = (await on(app.host, `ls -tr ${KEPT_IN}`)).trim().split("\n");
  const old = names.filter((name) => name !== but).slice(0, -count);
  if (old.length > 0) await on(app.host, `cd ${KEPT_IN} && rm -rf ${old.join(" ")}`);
}

/** Numbers below 1 that look like chance; the same seed gives the same ones. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
