import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines } from "../lab/json.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

describe("a host as it is", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "caddy");
  }, 120_000);

  afterAll(() => app?.close());

  it("the first ssh name is down: the second is used, and said", async () => {
    await app.workshop.sshAliases({ "hemma-lan": "10.77.0.250", hemma: app.address });
    await app.workshop.declareSkriptoteket(app.address, "caddy", ["hemma-lan", "hemma"]);
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("skriptoteket on hemma");
    const status = await app.workshop.tend("status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ hosts: [{ name: "hemma", via: "hemma" }] });
  }, 60_000);

  it("no name answers: each is listed with what ssh said, exit 7", async () => {
    await app.workshop.sshAliases({ "hemma-lan": "10.77.0.250", "hemma-wan": "10.77.0.251" });
    await app.workshop.declareSkriptoteket(app.address, "caddy", ["hemma-lan", "hemma-wan"]);
    const status = await app.workshop.tend("status");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    await app.workshop.sshAliases({ hemma: app.address });
    await app.workshop.declareSkriptoteket(app.address, "caddy", ["hemma"]);
    expect(status.exit).toBe(7);
    expect(deploy.exit).toBe(7);
    expect(deploy.stdout).toContain("error[host.unreachable]");
    expect(deploy.stdout).toContain("hemma-lan");
    expect(deploy.stdout).toContain("hemma-wan");
  }, 60_000);

  it("docker is only at /snap/bin/docker: it is found there", async () => {
    await on(HOST, "mkdir -p /snap/bin && mv /usr/bin/docker /snap/bin/docker && ! command -v docker");
    await app.publish("snap");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    const status = await app.workshop.tend("status");
    await on(HOST, "mv /snap/bin/docker /usr/bin/docker");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(status.stdout).toContain("web healthy");
    await answers(app, "snap");
  }, 60_000);

  it("an ordinary user in the docker group can do all of it", async () => {
    await on(
      HOST,
      `cp -r ~/apps /home/ops/apps && chown -R ops:ops /home/ops/apps && rm -rf /home/ops/.local
su ops -c 'cd ~/apps/skriptoteket && git config --global --add safe.directory /srv/git/skriptoteket.git && git status --short'`,
    );
    await app.workshop.sshAliases({ hemma: app.address }, "ops");
    await app.publish("ops");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    const state = await on(HOST, "find /home/ops/.local/state/tend -maxdepth 1 -printf '%f %u %m\\n' | sort");
    await app.workshop.sshAliases({ hemma: app.address });
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(state).toBe("apps ops 700\nruns ops 700\ntend ops 700\n");
    await answers(app, "ops");
    await on(HOST, "git -C ~/apps/skriptoteket pull --quiet");
  }, 60_000);

  it("a deploy takes one connection and no more than eight round trips", async () => {
    await app.publish("counted");
    const deploy = await app.workshop.tend("deploy", "skriptoteket", "--json");
    const result = jsonLines(deploy.stdout).at(-1) ?? {};
    expect(result).toMatchObject({ type: "result", exit: 0 });
    const { reached: hosts } = result as { reached: Record<string, { connections: number; roundTrips: number }> };
    const reached = hosts["hemma"];
    expect(reached?.connections).toBeLessThanOrEqual(3);
    expect(reached?.roundTrips).toBeLessThanOrEqual(8);
  }, 60_000);

  it("a dry run changes nothing, and says the very lines that the run then runs", async () => {
    await app.publish("dry");
    const since = (await on(HOST, "sleep 1; date +%s")).trim();
    const files = () =>
      on(
        HOST,
        "cd ~ && find .local/state/tend apps/skriptoteket -path '*/.git' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum",
      );
    const before = await files();
    const dry = await app.workshop.tend("deploy", "skriptoteket", "--dry-run", "--json");
    expect(dry.exit).toBe(0);
    // Healthchecks go on all the time; nothing else may have happened.
    expect(await on(HOST, `docker events --since ${since} --until $(date +%s) | grep -v ' exec_' || true`)).toBe("");
    expect(await files()).toBe(before);
    const run = await app.workshop.tend("deploy", "skriptoteket", "--json");
    expect(run.exit, run.stdout).toBe(0);
    const [planned, executed] = [dry, run].map((one) => jsonLines(one.stdout).find((line) => line.type === "plan"));
    const id = executed?.["run"] as string;
    const steps = planned?.["steps"] as { id: string; text: string[] }[];
    const script = await on(HOST, `cat ~/.local/state/tend/runs/${id}/segment-*.sh`);
    const commands = steps.flatMap((step) => step.text).filter((text) => !/^(wait until|GET|write) /.test(text));
    expect(commands.length).toBeGreaterThan(8);
    // A backup is named after its moment and its run.
    const timeless = (text: string) =>
      text
        .replaceAll(/-\d{8}T\d{6}Z-migrate-[0-9a-f]{4}/g, "-THEN")
        .replaceAll(/"at":"\d{4}-[^"]*Z"/g, '"at":"THEN"')
        .replaceAll(planned?.["run"] as string, id);
    for (const command of commands) expect(timeless(script)).toContain(timeless(command));
  }, 60_000);

  it("no secret is in a process list, in tend's files or in its output while it deploys", async () => {
    await app.publish("secret");
    const watching = on(HOST, "for i in $(seq 120); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; sleep 0.05; done");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout).toBe(0);
    expect(await watching).not.toContain("s3cret-canary-pw");
    const files = await on(HOST, "cd ~/.local/state/tend && grep -rl s3cret-canary-pw . | grep -v '/releases/' || true");
    expect(files).toBe("");
    expect(deploy.stdout + deploy.stderr).not.toContain("s3cret-canary-pw");
  }, 60_000);

  it("a server that has neither jq, python nor curl will do", async () => {
    await on(
      HOST,
      "mkdir -p /aside && for tool in jq python3 python perl curl wget; do p=$(command -v $tool) && mv $p /aside/; done; true",
    );
    await app.publish("bare");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    await answers(app, "bare");
  }, 60_000);
});
