import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients } from "../lab/clients.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, type ProxyChoice, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const CLIENTS = 50;

describe.each<ProxyChoice>(["nginx", "caddy", "nginx-proxy"])("behind %s, with a fixed container name", (proxy) => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, proxy);
  }, 120_000);

  afterAll(() => app?.close());

  it("a new release goes live and none of 50 keep-alive clients' GETs fails", async () => {
    await app.publish("2");
    const load = clients(CLIENTS, app.target());
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    const seen = await load.stop();
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(await app.version()).toBe("2");
    expect(seen.requests).toBeGreaterThan(1000);
    expect(seen.reasons).not.toHaveProperty("502");
    expect(seen.failed).toBe(0);
    expect(deploy.stdout).toMatch(/release 2 of skriptoteket is live · .* · 0 of [\d,]+ requests failed/);
  }, 120_000);

  it("plain compose finds nothing to do afterwards, and no stand-in is left", async () => {
    const dryRun = await on(HOST, "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --dry-run 2>&1");
    expect(dryRun).toContain("Container skriptoteket-web  Running");
    expect(dryRun).not.toMatch(/Recreate|Created|Starting/);
    expect(await on(HOST, "docker ps -a --format '{{.Names}}'")).not.toContain("surge");
  });

  it("the runbook's own line loses requests in the same minute, but for a proxy that tries again", async () => {
    await app.publish("3");
    const load = clients(CLIENTS, app.target());
    await on(HOST, "cd ~/apps/skriptoteket && git pull --quiet && docker compose -f compose.prod.yaml up -d --build --wait 2>&1");
    await answers(app, "3");
    const seen = await load.stop();
    expect(seen.requests).toBeGreaterThan(0);
    // The example's Caddyfile has it try again for 3 s, and a fast host starts the app in less.
    if (proxy !== "caddy") expect(seen.failed).toBeGreaterThan(0);
  }, 120_000);

  it("what was done by hand is recorded, and the next deploy starts from it", async () => {
    await app.publish("4");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    const releases = await app.workshop.tend("releases", "skriptoteket");
    expect(releases.stdout).toMatch(/4 live .*Version 4/);
    expect(releases.stdout).toMatch(/3 .*found .*Version 3 .*by hand/);
    expect(await app.version()).toBe("4");
  }, 120_000);

  it("a request that takes its time is answered across the swap", async () => {
    await app.publish("5");
    const slow: Promise<number>[] = [];
    const asking = setInterval(() => slow.push(status(app.address, "/slow?ms=2500")), 250);
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    clearInterval(asking);
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    const statuses = await Promise.all(slow);
    expect(statuses.length).toBeGreaterThan(20);
    expect(statuses.filter((one) => one !== 200)).toEqual([]);
  }, 120_000);
});

function status(address: string, path: string): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({ host: address, path, headers: { host: "skriptoteket.example" }, timeout: 20_000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(-1));
    });
    asked.on("error", () => resolve(-1));
    asked.end();
  });
}
