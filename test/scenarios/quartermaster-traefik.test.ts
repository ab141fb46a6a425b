import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, keepAsking } from "../lab/ask.ts";
import { clients } from "../lab/clients.ts";
import { expectNothingToDo } from "../lab/engine.ts";
import { freshHost, on } from "../lab/lab.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

describe("behind Traefik, with something that may run twice in the place of the single writer", () => {
  let app: Quartermaster;

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST, {
      // The same compose file and labels; the image is that of a site without a database.
      sources: "legal/frontend",
      compose: (yaml) => yaml.replace("environment:", 'environment:\n      PORT: "8000"'),
      declare: (yaml) => yaml.replace("role: single-writer\n", "\n").replace("/healthz", "/health"),
    });
    await app.publish("1");
    const first = await app.workshop.tend("deploy", "quartermaster", "--tag", "1");
    expect(first.exit, first.stdout + first.stderr).toBe(0);
    await eventually(() => app.version(), "1");
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("plain compose loses requests", async () => {
    await app.publish("2");
    const load = clients(50, app.target());
    await on(
      HOST,
      `cd ${FOLDER} && sed -i 's/^QUARTERMASTER_TAG=.*/QUARTERMASTER_TAG=2/' .env && docker compose pull --quiet 2>&1 && docker compose up -d --wait 2>&1`,
    );
    await eventually(() => app.version(), "2");
    const seen = await load.stop();
    expect(seen.failed, JSON.stringify(seen)).toBeGreaterThan(100);
  }, 90_000);

  it("tend, in the same run, loses none of 50 keep-alive clients' GETs; slow requests in flight are finished", async () => {
    await app.publish("3");
    const load = clients(50, app.target());
    const slow = keepAsking(app.target("/slow?ms=2500"), 300);
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "3");
    const answered = await slow.stop();
    const seen = await load.stop();
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(await app.version()).toBe("3");
    expect(seen.requests).toBeGreaterThan(1000);
    expect(seen.failed, JSON.stringify(seen)).toBe(0);
    expect(answered.length).toBeGreaterThan(20);
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    expect(deploy.stdout).toContain("quartermaster: swapped without downtime");
    expect(deploy.stdout).toMatch(/release 3 of quartermaster is live · .* · 0 of [\d,]+ requests failed/);
  }, 120_000);

  it("plain compose finds nothing to do afterwards, and no stand-in is left", async () => {
    await expectNothingToDo(HOST, FOLDER);
    expect((await on(HOST, "docker ps -a --format '{{.Names}}' | sort")).split("\n")).toEqual(["quartermaster", "traefik", ""]);
  }, 30_000);

  it("a release that can't start never gets a request", async () => {
    await app.publish("4", { failStart: "EMFILE: too many open files" });
    const load = clients(50, app.target());
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "4");
    const seen = await load.stop();
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(1);
    expect(deploy.stdout).toContain("startup_failed  EMFILE: too many open files");
    expect(seen.failed, JSON.stringify(seen)).toBe(0);
    expect(await app.version()).toBe("3");
    await expectNothingToDo(HOST, FOLDER);
  }, 90_000);
});
