import type { ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients } from "../lab/clients.ts";
import { jsonLines } from "../lab/json.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
/** The steps of a deploy with a swap, in their order. */
const STEPS = [
  "checkout",
  "build",
  "overlay-web",
  "surge-web",
  "gate-surge-web",
  "take-over-web",
  "replace-web",
  "gate-web",
  "hand-back-web",
  "end-surge-web",
  "public-web",
  "record",
];

describe("tend is killed", () => {
  let app: Skriptoteket;
  let version = 1;

  beforeAll(async () => {
    app = await running(HOST, "caddy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 120_000);

  afterAll(() => app?.close());

  /** Starts a deploy of a new version and comes back when the step has begun or ended. */
  async function deployUntil(
    event: "step.start" | "step.end",
    step: string,
    change?: (folder: string) => Promise<void>,
  ): Promise<ChildProcess> {
    version += 1;
    await app.publish(String(version), change);
    const tend = app.workshop.spawnTend("deploy", "skriptoteket", "--json");
    for await (const line of createInterface({ input: tend.stdout as NodeJS.ReadableStream })) {
      const said = JSON.parse(line) as { type: string; step?: string };
      if (said.type === event && said.step === step) return tend;
    }
    throw new Error(`the deploy ended before ${event} of ${step}`);
  }

  async function isWhole(): Promise<void> {
    await answers(app, String(version));
    const names = await on(HOST, "docker ps -a --format '{{.Names}}' | sort");
    expect(names).toBe("caddy\nshared-postgres\nskriptoteket-web\n");
    const dryRun = await on(HOST, "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --dry-run 2>&1");
    expect(dryRun).not.toContain("Recreate");
    expect(await on(HOST, "ls -d ~/.local/state/tend/apps/*/lock 2>/dev/null || true")).toBe("");
    const status = await app.workshop.tend("status");
    expect(status.stdout).not.toContain("never ended");
  }

  it.each(STEPS)(
    "when %s begins: resume converges, and users notice nothing",
    async (step) => {
      const load = clients(10, app.target());
      const tend = await deployUntil("step.start", step);
      tend.kill("SIGKILL");
      const resumed = await app.workshop.tend("resume", "skriptoteket");
      expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
      await isWhole();
      expect((await load.stop()).failed).toBe(0);
    },
    120_000,
  );

  it.each(STEPS)(
    "with what it had started on the host, after %s: resume converges",
    async (step) => {
      const tend = await deployUntil("step.end", step);
      tend.kill("SIGKILL");
      // As after a power cut: nothing of the run lives on, and its lock is left behind.
      await on(
        HOST,
        "for pid in ~/.local/state/tend/runs/*/pid; do read -r runner _ < $pid && kill -KILL -- -$runner && rm -f $pid; done; true",
      );
      const resumed = await app.workshop.tend("resume", "skriptoteket");
      expect(resumed.exit, resumed.stdout + resumed.stderr).toBe(0);
      await isWhole();
    },
    120_000,
  );

  it("and the next deploy starts from what is there, as soon as the lock is known to be dead", async () => {
    const tend = await deployUntil("step.start", "gate-web");
    tend.kill("SIGKILL");
    await on(HOST, "for pid in ~/.local/state/tend/runs/*/pid; do read -r runner _ < $pid && kill -KILL -- -$runner; done; true");
    // What the dead tend read from notices only at its next sign of life that nobody reads any more.
    await on(
      HOST,
      "cd ~/.local/state/tend/apps/skriptoteket/lock; old() { touch -d '2 minutes ago' lease; sleep 2; [ $(( $(date +%s) - $(stat -c %Y lease) )) -gt 60 ]; }; until old; do :; done",
    );
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    await isWhole();
    const journal = await app.workshop.tend("journal", "skriptoteket");
    expect(journal.stdout).toMatch(/superseded · run r\w+ took its place/);
  }, 120_000);

  it("Ctrl-C takes back what was begun, and gives the lock back", async () => {
    const before = await app.version();
    const tend = await deployUntil("step.start", "surge-web");
    const exit = new Promise<number | null>((resolve) => tend.on("exit", resolve));
    tend.kill("SIGINT");
    expect(await exit).toBe(130);
    expect(await app.version()).toBe(before);
    version -= 1;
    await isWhole();
    version += 1;
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout).toBe(0);
    await isWhole();
  }, 120_000);

  it("two deploys at once: one runs, the other is told who holds it", async () => {
    const first = await deployUntil("step.start", "build");
    const ended = new Promise<number | null>((resolve) => first.on("exit", resolve));
    const second = await app.workshop.tend("deploy", "skriptoteket");
    expect(second.exit).toBe(6);
    expect(second.stdout).toMatch(/error\[run\.locked\]: skriptoteket is being worked on by \S+@\S+: deploy skriptoteket/);
    first.stdout?.resume();
    expect(await ended).toBe(0);
    await isWhole();
  }, 120_000);

  it("resume leaves a run alone whose own tend is at work", async () => {
    const tend = await deployUntil("step.start", "surge-web");
    tend.stdout?.resume();
    const ended = new Promise<number | null>((resolve) => tend.on("exit", resolve));
    const resumed = await app.workshop.tend("resume", "skriptoteket");
    expect(resumed.exit).toBe(6);
    expect(resumed.stdout).toContain("error[run.locked]");
    expect(await ended).toBe(0);
    await isWhole();
  }, 120_000);

  it("a connection that drops in a build: the host goes on, and the result is picked up", async () => {
    const slowly = (folder: string) =>
      edit(join(folder, "Dockerfile"), (text) => text.replace("COPY VERSION ./", "RUN sleep 6\nCOPY VERSION ./"));
    const tend = await deployUntil("step.start", "build", slowly);
    let told = "";
    tend.stdout?.setEncoding("utf8").on("data", (text: string) => (told += text));
    const ended = new Promise<number | null>((resolve) => tend.on("close", resolve));
    // Every session of the host, this one too.
    await on(HOST, "pkill -9 -f 'sshd-session: root@notty'").catch(() => undefined);
    expect(await ended, told).toBe(0);
    const { reached } = jsonLines(told).at(-1) as unknown as { reached: Record<string, { connections: number }> };
    expect(reached["hemma"]?.connections).toBe(2);
    expect(told.match(/"type":"step.start","step":"build"/g) ?? []).toHaveLength(0);
    await isWhole();
  }, 120_000);
});

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, "utf8")));
}
