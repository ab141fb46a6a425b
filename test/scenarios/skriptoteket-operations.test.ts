import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines } from "../lab/json.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

describe("the other verbs", () => {
  let app: Skriptoteket;
  const tend = (...args: readonly string[]) => app.workshop.tend(...args);

  beforeAll(async () => {
    app = await running(HOST, "caddy");
    expect((await tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 120_000);

  afterAll(() => app?.close());

  it("check finds the declaration right, and with --live the host", async () => {
    expect(await tend("check")).toMatchObject({ exit: 0 });
    const live = await tend("check", "--live");
    expect(live.exit, live.stdout).toBe(0);
    expect(live.stdout).toContain("✔ skriptoteket on hemma");
    await on(HOST, "mv ~/apps/skriptoteket/.env ~/env.aside");
    const broken = await tend("check", "--live");
    await on(HOST, "mv ~/env.aside ~/apps/skriptoteket/.env");
    expect(broken.exit).toBe(3);
    expect(broken.stdout).toContain("env.unset");
  }, 30_000);

  it("deploying again says that there is nothing to do, in no time", async () => {
    const again = await tend("deploy", "skriptoteket");
    expect(again.exit).toBe(0);
    expect(again.stdout).toMatch(/nothing to do: release \d+ is live and is main [0-9a-f]{7}/);
  });

  it("status tells release, health, restarts and ports in one round trip", async () => {
    const status = await tend("status");
    expect(status.exit).toBe(0);
    expect(status.stdout).toMatch(/skriptoteket +release 2 .*web healthy/);
    const json = JSON.parse((await tend("status", "--json")).stdout) as {
      hosts: { apps: { name: string; services: unknown[] }[] }[];
    };
    expect(json.hosts[0]?.apps[0]).toMatchObject({
      name: "skriptoteket",
      services: [{ service: "web", state: "running", health: "healthy" }],
    });
  });

  it("status sees what somebody did by hand", async () => {
    await app.publish("by-hand");
    await on(HOST, "cd ~/apps/skriptoteket && git pull --quiet && docker compose -f compose.prod.yaml up -d --build --wait 2>&1");
    const status = await tend("status");
    expect(status.stdout).toMatch(/! the checkout is at [0-9a-f]{7}, release 2 at [0-9a-f]{7}/);
    expect(status.stdout).toMatch(/! web runs another image than release 2/);
    const deploy = await tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout).toBe(0);
    expect((await tend("status")).stdout.replaceAll(/! \w+ was never backed up/g, "")).not.toContain("!");
  }, 60_000);

  it("stop, start and restart do what they say and wait until it is so", async () => {
    expect((await tend("stop", "skriptoteket")).exit).toBe(0);
    expect(await on(HOST, "docker inspect -f '{{.State.Status}}' skriptoteket-web")).toBe("exited\n");
    expect((await tend("status")).stdout).toMatch(/web exited/);
    const start = await tend("start", "skriptoteket");
    expect(start.exit, start.stdout).toBe(0);
    const started = await on(HOST, "docker inspect -f '{{.State.Health.Status}} {{.State.StartedAt}}' skriptoteket-web");
    expect(started).toMatch(/^healthy/);
    expect((await tend("restart", "skriptoteket")).exit).toBe(0);
    const restarted = await on(HOST, "docker inspect -f '{{.State.Health.Status}} {{.State.StartedAt}}' skriptoteket-web");
    expect(restarted).toMatch(/^healthy/);
    expect(restarted).not.toBe(started);
  }, 90_000);

  it("exec runs a command with the app's env, passes its exit status and its bytes", async () => {
    const env = await tend("exec", "skriptoteket", "--", "sh", "-c", 'printf %s "$LOG_FORMAT"; exit 7');
    expect(env).toMatchObject({ exit: 7, stdout: "console" });
    const migrate = await tend("exec", "skriptoteket", "--service", "web", "--", "npm", "run", "--silent", "db-current");
    expect(migrate.exit, migrate.stderr).toBe(0);
    const words = await tend("exec", "skriptoteket", "--", "printf", "%s|", "a b", "$HOME", "'; exit 9 #", "--dry-run");
    expect(words.stdout).toBe("a b|$HOME|'; exit 9 #|--dry-run|");
    const dry = await tend("exec", "skriptoteket", "--dry-run", "--", "rm", "-rf", "/");
    expect(dry.stdout).toBe("docker exec --interactive --env LOG_FORMAT=console skriptoteket-web rm -rf /\n");
  }, 30_000);

  it("logs come in the order of their times, and can be searched", async () => {
    await app.version();
    const logs = await tend("logs", "skriptoteket", "--since", "10m", "--grep", "/version");
    expect(logs.exit, logs.stderr).toBe(0);
    const lines = logs.stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}skriptoteket\/web {2}/);
    const times = lines.map((line) => line.slice(0, 12));
    expect(times).toEqual([...times].sort());
    const json = await tend("logs", "skriptoteket", "-n", "5", "--json");
    expect(jsonLines(json.stdout)).toHaveLength(5);
    expect((await tend("logs", "skriptoteket", "--grep", "(")).exit).toBe(2);
  }, 30_000);

  it("logs --follow shows what is new until it is interrupted", async () => {
    const following = app.workshop.spawnTend("logs", "skriptoteket", "--follow", "-n", "0");
    let text = "";
    following.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await app.version();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const exit = new Promise<number | null>((resolve) => following.on("exit", resolve));
    following.kill("SIGINT");
    expect(await exit).toBe(0);
    expect(text).toContain("/version");
  }, 30_000);

  it("journal tells each run, and one run step by step", async () => {
    const journal = await tend("journal", "skriptoteket");
    expect(journal.exit).toBe(0);
    expect(journal.stdout).toMatch(/deploy skriptoteket on hemma/);
    expect(journal.stdout).toMatch(/stop skriptoteket on hemma/);
    const run = /^(r\w+) .*deploy skriptoteket/m.exec(journal.stdout)?.[1] as string;
    const told = await tend("journal", "skriptoteket", run);
    expect(told.stdout).toMatch(/✔ record release/);
    expect(told.stdout).toContain("docker compose -f compose.prod.yaml");
    expect((await tend("journal", "skriptoteket", "rzzzz9")).exit).toBe(5);
  }, 30_000);

  it("unlock takes away a dead lock, and says whose it was", async () => {
    await on(
      HOST,
      `d=~/.local/state/tend/apps/skriptoteket/lock; mkdir -p $d; echo '{"run":"rdead1","title":"deploy skriptoteket","by":"bob@desk","since":"2026-01-01T00:00:00Z"}' > $d/owner; touch $d/lease`,
    );
    const locked = await tend("restart", "skriptoteket");
    expect(locked.exit).toBe(6);
    expect(locked.stdout).toContain("bob@desk");
    expect((await tend("unlock", "skriptoteket", "--dry-run")).stdout).toContain("locked by bob@desk");
    const unlocked = await tend("unlock", "skriptoteket");
    expect(unlocked).toMatchObject({ exit: 0 });
    expect(unlocked.stdout).toContain("bob@desk");
    expect((await tend("unlock", "skriptoteket")).stdout).toContain("isn't locked");
  }, 30_000);

  it("build builds on the host and starts nothing", async () => {
    const before = await on(HOST, "docker ps -q --no-trunc");
    const build = await tend("build", "skriptoteket");
    expect(build.exit, build.stdout).toBe(0);
    expect(await on(HOST, "docker ps -q --no-trunc")).toBe(before);
  }, 30_000);

  it("resume with nothing unfinished says so", async () => {
    expect(await tend("resume", "skriptoteket")).toMatchObject({
      exit: 0,
      stdout: "skriptoteket on hemma: nothing to do: no run is unfinished\n",
    });
  });

  it("recreate makes a new container of the same release", async () => {
    const before = await on(HOST, "docker inspect -f '{{.Id}} {{.Image}}' skriptoteket-web");
    const recreate = await tend("recreate", "skriptoteket");
    expect(recreate.exit, recreate.stdout).toBe(0);
    const after = await on(HOST, "docker inspect -f '{{.Id}} {{.Image}}' skriptoteket-web");
    expect(after.split(" ")[0]).not.toBe(before.split(" ")[0]);
    expect(after.split(" ")[1]).toBe(before.split(" ")[1]);
    await answers(app, "by-hand");
  }, 60_000);
});
