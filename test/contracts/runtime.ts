import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../packages/tend/src/plan/plan.ts";
import { printSteps } from "../../packages/tend/src/plan/print.ts";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { Clients, type RuntimeFixture, Subject, versionAt } from "./runtime-harness.ts";

/** What holds for everything that can run an app. The sentences build on each other: one app's life, in order. */
export function runtimeContract(name: string, makeFixture: () => Promise<RuntimeFixture>): void {
  describe(`the ${name} runtime`, { timeout: 120_000 }, () => {
    let fixture: RuntimeFixture;
    let subject: Subject;
    beforeAll(async () => {
      fixture = await makeFixture();
      subject = new Subject(fixture);
    }, 120_000);
    afterAll(async () => {
      await subject?.close();
      await fixture?.close();
    }, 120_000);

    const web = async () => (await subject.status()).services.find(({ service }) => service === "web");

    it("shows an app that was never deployed as absent", async () => {
      expect(await subject.status()).toMatchObject({ releases: [], drift: [] });
      expect(await web()).toMatchObject({ state: "absent" });
    });

    it("a dry run changes nothing", async () => {
      const { plan, report } = await subject.deploy(await fixture.publish("one"), { dryRun: true });
      expect(plan?.steps.length).toBeGreaterThan(0);
      expect(report).toBeUndefined();
      expect(await web()).toMatchObject({ state: "absent" });
      expect((await subject.run(sh`ls ${(await subject.situation()).facts.state}/runs`)).stdout).toBe("");
    });

    it("a first deploy serves", async () => {
      const { failure, report } = await subject.deploy();
      expect(failure).toBeUndefined();
      expect(report?.result).toBe("done");
      expect(await versionAt(fixture.url)).toBe("one");
      expect(await web()).toMatchObject({ state: "running", health: "healthy" });
      expect((await subject.status()).releases).toMatchObject([{ release: 1, operation: "deploy" }]);
    });

    it("a deploy of what is live already has nothing to do", async () => {
      expect((await subject.deploy()).nothing).toMatch(/release 1 is live/);
      expect((await subject.status()).releases).toHaveLength(1);
    });

    it("a new release goes live under 20 keep-alive clients without a failed request", async () => {
      const wanted = await fixture.publish("two");
      const clients = new Clients(fixture.url, 20);
      const { failure, report } = await subject.deploy(wanted);
      const seen = await clients.stop();
      expect(failure).toBeUndefined();
      expect(seen.failed).toEqual([]);
      expect(seen.requests).toBeGreaterThan(100);
      expect(seen.versions).toEqual(["one", "two"]);
      expect(report?.gap).toMatchObject({ failed: 0, resets: 0 });
      expect((await subject.status()).releases.at(-1)).toMatchObject({ release: 2, gap: { failed: 0 } });
    });

    it("the dry run's text is the text that the host runs", async () => {
      const dry = await subject.deploy({}, { dryRun: true, forceRecreate: true });
      const done = await subject.deploy({}, { forceRecreate: true });
      expect(done.failure).toBeUndefined();
      expect(printed(done.plan as Plan)).toEqual(printed(dry.plan as Plan));
      const { facts } = await subject.situation();
      const scripts = await subject.run(sh`cat ${facts.state}/runs/${done.plan?.id}/segment-*.sh`);
      for (const step of (done.plan as Plan).steps) {
        const { action } = step;
        if (action.kind !== "exec" || action.on === "here") continue;
        for (const command of action.commands) expect(scripts.stdout).toContain(command.text);
      }
    });

    it("a broken release leaves the former one serving and is told with its first error", async () => {
      const before = (await subject.status()).releases.length;
      const clients = new Clients(fixture.url, 5);
      const { failure, report } = await subject.deploy(await fixture.publish("broken", { broken: "no such table: ledger" }));
      const seen = await clients.stop();
      expect(report?.result).toBe("failed");
      expect(failure?.id).toBe("release.unhealthy");
      expect(failure?.parts.evidence?.[0]).toContain("no such table: ledger");
      expect(failure?.parts.changed).toMatch(/^nothing/);
      expect(seen).toMatchObject({ failed: [], versions: ["two"] });
      expect(await web()).toMatchObject({ state: "running", health: "healthy" });
      expect(await subject.status()).toMatchObject({ drift: [] });
      expect((await subject.status()).releases).toHaveLength(before);
    });

    it("and the next good one goes live", async () => {
      expect((await subject.deploy(await fixture.publish("three"))).failure).toBeUndefined();
      expect(await versionAt(fixture.url)).toBe("three");
    });

    it("a rollback brings the older release back, and a deploy the newer", async () => {
      const { releases } = await subject.status();
      const clients = new Clients(fixture.url, 5);
      const back = await subject.rollback();
      const seen = await clients.stop();
      expect(back.failure).toBeUndefined();
      expect(seen).toMatchObject({ failed: [], versions: ["three", "two"] });
      const now = await subject.status();
      expect(now.drift).toEqual([]);
      expect(now.releases.at(-1)).toMatchObject({ operation: "rollback", of: releases.at(-2)?.release });
      expect((await subject.rollback(1)).failure).toBeUndefined();
      expect(await versionAt(fixture.url)).toBe("one");
      expect((await subject.deploy()).failure).toBeUndefined();
      expect(await versionAt(fixture.url)).toBe("three");
    });

    it("stops, starts and restarts", async () => {
      expect((await subject.power("stop")).failure).toBeUndefined();
      expect((await web())?.state).not.toBe("running");
      expect(await versionAt(fixture.url)).not.toBe("three");
      expect((await subject.power("start")).failure).toBeUndefined();
      expect(await versionAt(fixture.url)).toBe("three");
      const before = await web();
      expect((await subject.power("restart")).failure).toBeUndefined();
      const after = await web();
      expect(after).toMatchObject({ state: "running", health: "healthy" });
      expect(after?.since).not.toBe(before?.since);
      expect(await versionAt(fixture.url)).toBe("three");
    });

    it("runs a command with the app's env, from the declaration and from the env file", async () => {
      expect(await inApp(["printenv", "GREETING"])).toMatchObject({ exit: 0, stdout: "hello\n" });
      expect(await inApp(["printenv", "SEASON"])).toMatchObject({ exit: 0, stdout: "spring\n" });
      expect(await inApp(["sh", "-c", "exit 7"])).toMatchObject({ exit: 7 });
    });

    it("a recreate takes up what the env file says now, and a rollback takes it back", async () => {
      await fixture.setSeason("$(touch /tmp/evil) 'late' summer");
      expect((await subject.power("recreate")).failure).toBeUndefined();
      expect(await inApp(["printenv", "SEASON"])).toMatchObject({ stdout: "$(touch /tmp/evil) 'late' summer\n" });
      expect((await subject.rollback()).failure).toBeUndefined();
      expect(await inApp(["printenv", "SEASON"])).toMatchObject({ stdout: "spring\n" });
      expect(await subject.status()).toMatchObject({ drift: [] });
    });

    it("shows the logs, each line with its time", async () => {
      const { facts } = await subject.situation();
      const [source] = (await subject.situation()).logs([], { follow: false, tail: 500 });
      expect(source?.service).toBe("web");
      const all = (await subject.run(source?.script ?? sh`false`)).stdout.trim().split("\n");
      expect(all.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z .*serving three/);
      const later = new Date(Date.parse(facts.at) + 1000).toISOString();
      const [since] = (await subject.situation()).logs([], { follow: false, since: later });
      expect((await subject.run(since?.script ?? sh`false`)).stdout).toBe("");
    });

    it.each([1, 2, 3])("tend killed in the middle of a deploy (%i): the next one converges", async (round) => {
      const version = `round-${round}`;
      await fixture.publish(version);
      const clients = new Clients(fixture.url, 5);
      const { plan } = await subject.deploy({}, { dryRun: true });
      const steps = (plan as Plan).steps.map((step) => step.id);
      const at = steps[Math.floor((round * steps.length) / 4)] as string;
      await killedAt(at, { host: round % 2 === 0 });
      await subject.run(sh`rm -rf ${(await subject.situation()).facts.state}/apps/${fixture.app}/lock`);
      const { failure } = await subject.deploy();
      const seen = await clients.stop();
      expect(failure).toBeUndefined();
      expect(seen.failed).toEqual([]);
      expect(await versionAt(fixture.url)).toBe(version);
      expect(await subject.status()).toMatchObject({ drift: [], unfinished: undefined });
      expect((await subject.deploy()).nothing).toBeDefined();
    });

    async function inApp(argv: readonly string[]) {
      return subject.run((await subject.situation()).exec(undefined, argv, { tty: false, input: false }));
    }

    /** Ends tend, and with `host` what runs on the host as well, when a step begins; else the host ends its part. */
    async function killedAt(step: string, { host }: { readonly host: boolean }): Promise<void> {
      const runner = fileURLToPath(new URL("./runtime-runner.ts", import.meta.url));
      const child = spawn(process.execPath, [runner, fixture.declaration, fixture.app], { stdio: ["ignore", "pipe", "inherit"] });
      const told: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        told.push(line);
        if (line === `step ${step}`) child.kill("SIGKILL");
      }
      expect(told.at(-1)).toMatch(/^step /);
      const { facts } = await subject.situation();
      const pid = `${facts.state}/runs/${facts.unfinished?.run}/pid`;
      if (host) await subject.run(sh`! read -r runner _ <${pid} || kill -s KILL -- "-$runner"`);
      else await subject.run(sh`for n in $(seq 300); do [ -f ${pid} ] || break; sleep 0.1; done`);
    }
  });
}

/** The steps as text, without what names this very run. */
function printed(plan: Plan): unknown {
  return JSON.parse(JSON.stringify(printSteps(plan)).replaceAll(plan.id, "RUN"));
}
