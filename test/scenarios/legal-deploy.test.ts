import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, eventually, keepAsking } from "../lab/ask.ts";
import { clients } from "../lab/clients.ts";
import { changesSince, clock, containerIds, expectNothingToDo } from "../lab/engine.ts";
import { jsonLines } from "../lab/json.ts";
import { freshHost, imagesOf, on } from "../lab/lab.ts";
import { FOLDER, type Legal, legal, SECRETS } from "../lab/legal.ts";
import { HOST } from "../lab/second-host.ts";

const IMAGES = imagesOf(HOST).legal;
const plainComposeHasNothingToDo = () => expectNothingToDo(HOST, FOLDER, "-f docker/docker-compose.yml");

describe("legal: three services of a project that others share, behind plain nginx", () => {
  let app: Legal;

  beforeAll(async () => {
    await freshHost(HOST);
    app = await legal(HOST);
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("the first deploy starts what the app needs, and leaves its neighbour alone", async () => {
    const before = await containerIds(HOST);
    expect(Object.keys(before)).toEqual(["auth_app"]);
    const env = await app.env();
    const deploy = await app.workshop.tend("deploy", "legal");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toMatch(/✔ start postgres[\s\S]*✔ postgres healthy[\s\S]*✔ start backend/);
    expect(deploy.stdout).toContain("release 1 of legal is live");
    // Nobody can ask through a proxy that isn't there yet, and that is said.
    expect(deploy.stdout).toMatch(/proxy +infra_nginx isn't running/);
    const after = await containerIds(HOST);
    expect(Object.keys(after).sort()).toEqual(["auth_app", "legal_app", "legal_electric", "legal_frontend", "shared_postgres"]);
    expect(after["auth_app"]).toBe(before["auth_app"]);
    expect(await app.env()).toEqual(env);

    await app.startProxy();
    await eventually(() => app.versions(), { backend: "1", frontend: "1" });
    expect(JSON.parse((await ask(app.target("backend", "/api/laws"))).body).laws.length).toBeGreaterThan(0);
    await plainComposeHasNothingToDo();
  }, 120_000);

  it("a deploy without anything new replaces nothing and makes no release", async () => {
    const since = await clock(HOST);
    const deploy = await app.workshop.tend("deploy", "legal");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toMatch(/– backend is unchanged[\s\S]*– frontend is unchanged[\s\S]*– electric is unchanged/);
    expect(await changesSince(HOST, since)).toEqual([]);
    expect((await app.workshop.tend("releases", "legal")).stdout).toContain("1 live");
  }, 60_000);

  it("a new backend and frontend: none of 50 keep-alive clients' GETs fails, though the backend migrates before it listens", async () => {
    await app.publish("2");
    const loads = [clients(25, app.target("backend")), clients(25, app.target("frontend"))];
    const slow = keepAsking(app.target("frontend", "/slow?ms=2500"), 300);
    const deploy = await app.workshop.tend("deploy", "legal", "--tag", "2");
    const answered = await slow.stop();
    const seen = await Promise.all(loads.map((load) => load.stop()));
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(await app.versions()).toEqual({ backend: "2", frontend: "2" });
    for (const tally of seen) {
      expect(tally.requests).toBeGreaterThan(1000);
      expect(tally.failed, JSON.stringify(tally)).toBe(0);
    }
    expect(answered.length).toBeGreaterThan(20);
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    expect(deploy.stdout).toMatch(/backend, frontend: swapped without downtime/);
    expect(deploy.stdout).toMatch(/release 2 of legal is live · .* · 0 of [\d,]+ requests failed/);
    await plainComposeHasNothingToDo();
  }, 180_000);

  it("--only backend leaves the ids of all other containers as they are", async () => {
    await app.publish("3", { parts: ["backend"] });
    const before = await containerIds(HOST);
    const env = await app.env();
    const since = await clock(HOST);
    const load = clients(50, app.target("backend"));
    const deploy = await app.workshop.tend("deploy", "legal", "--only", "backend", "--tag", "3");
    const seen = await load.stop();
    const changes = await changesSince(HOST, since);
    expect(changes.length).toBeGreaterThan(5);
    // Compose makes the successor under a name of its own: 3f2a91c8d04e_legal_app.
    expect(changes.filter((change) => !/^\w+ (\w{12}_)?legal_app(-surge-r\w+)?$/.test(change))).toEqual([]);
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    const { legal_app: now, ...others } = await containerIds(HOST);
    const { legal_app: then, ...othersBefore } = before;
    expect(others).toEqual(othersBefore);
    expect(now).not.toBe(then);
    expect(seen.failed, JSON.stringify(seen)).toBe(0);
    expect(await app.versions()).toEqual({ backend: "3", frontend: "2" });
    expect(await app.env()).toEqual(env.map((line) => line.replace("LEGAL_BACKEND_TAG=2", "LEGAL_BACKEND_TAG=3")));
    // What wasn't chosen is recorded as it stands, not as the tag would have it.
    const { releases } = JSON.parse((await app.workshop.tend("releases", "legal", "--json")).stdout);
    expect(releases[0].images["legal-frontend"].ref).toBe(`${IMAGES}/legal-frontend:2`);
    expect(releases[0].images["legal"].ref).toBe(`${IMAGES}/legal-backend:3`);
    await plainComposeHasNothingToDo();
  }, 120_000);

  it("a new electric is recreated, not surged: it says why, and measures the gap", async () => {
    await on(
      HOST,
      `set -e
printf 'FROM electricsql/electric:1.4\\nLABEL newer=yes\\n' | docker build --quiet --tag electricsql/electric:1.4.1 - >/dev/null
docker push --quiet electricsql/electric:1.4.1 >/dev/null && docker image rm electricsql/electric:1.4.1 >/dev/null
sed -i 's/electric:1.4$/electric:1.4.1/' ~/infrastructure/docker/docker-compose.yml`,
    );
    const before = await containerIds(HOST);
    const deploy = await app.workshop.tend("deploy", "legal");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("electric: recreated with a gap (it is the only writer of its data)");
    expect(deploy.stdout).not.toContain("surge electric");
    const { legal_electric: now, ...others } = await containerIds(HOST);
    const { legal_electric: then, ...othersBefore } = before;
    expect(now).not.toBe(then);
    expect(others).toEqual(othersBefore);
    const [latest] = JSON.parse((await app.workshop.tend("releases", "legal", "--json")).stdout).releases;
    expect(latest.gap.failed).toBeGreaterThan(0);
    expect(latest.gap.longestGapMs).toBeGreaterThan(300);
    expect(latest.gap.longestGapMs).toBeLessThan(20_000);
    expect(deploy.stdout).toMatch(/release 4 of legal is live · .* · \d+ of \d+ requests failed.*, longest gap/);
    expect((await ask(app.target("backend", "/electric/v1/health"))).body).toContain("active");
    await plainComposeHasNothingToDo();
  }, 120_000);

  it("a backend that can't start: the old one serves on, and the error shows the first lines that say why", async () => {
    await app.publish("4", { parts: ["backend"], failStart: "relation uk_lrt_archive does not exist" });
    const before = await containerIds(HOST);
    const env = await app.env();
    const load = clients(20, app.target("backend"));
    const deploy = await app.workshop.tend("deploy", "legal", "--only", "backend", "--tag", "4");
    const seen = await load.stop();
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(1);
    const said = deploy.stdout + deploy.stderr;
    expect(said).toMatch(/error\[release\.unhealthy\]: backend \(legal_app-surge-r\w+\) did not become healthy/);
    expect(said).toMatch(/evidence +startup_failed {2}relation uk_lrt_archive does not exist/);
    expect(said).toContain("what was serving before is serving again");
    expect(seen.failed, JSON.stringify(seen)).toBe(0);
    expect(await containerIds(HOST)).toEqual(before);
    expect(await app.env()).toEqual(env);
    expect(await app.versions()).toEqual({ backend: "3", frontend: "2" });
    await plainComposeHasNothingToDo();
    expect((await app.workshop.tend("status")).stdout).toMatch(
      /release 4 .*backend healthy · frontend healthy · electric healthy/,
    );
  }, 120_000);

  it("in --json every line is versioned, and the last one is the result", async () => {
    const deploy = await app.workshop.tend("deploy", "legal", "--only", "frontend", "--force-recreate", "--json");
    const lines = jsonLines(deploy.stdout);
    expect(lines.every((line) => line.v === 1)).toBe(true);
    expect(lines.at(-1)).toMatchObject({ type: "result", exit: 0, failures: [] });
    expect(lines.find((line) => line.type === "run.end")).toMatchObject({ result: "done", gap: { failed: 0 } });
  }, 60_000);

  it("none of the server's passwords is in a journal, a run's log, or what tend prints", async () => {
    const said = await app.workshop.tend("journal", "legal", "--json");
    const status = await app.workshop.tend("status", "--json");
    for (const secret of Object.values(SECRETS)) {
      expect(said.stdout).not.toContain(secret);
      expect(status.stdout).not.toContain(secret);
      // The copies of the env file that a rollback and an undo need stay on the host, for its owner alone.
      const files = (await on(HOST, `grep -rlF ${secret} ~/.local/state/tend`)).trim().split("\n");
      expect(files.filter((file) => !/\/releases\/\d+\/|\/runs\/r\w+\/before/.test(file))).toEqual([]);
    }
    const modes = await on(
      HOST,
      "cd ~/.local/state/tend && find . -type d -perm /077 && find apps -path '*/releases/*' -type f -perm /077",
    );
    expect(modes).toBe("");
  }, 60_000);
});
