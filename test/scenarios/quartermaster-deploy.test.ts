import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, eventually } from "../lab/ask.ts";
import { changesSince, clock, containerIds, expectNothingToDo } from "../lab/engine.ts";
import { freshHost, lab, on } from "../lab/lab.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

describe("quartermaster: one SQLite file, a tag in .env, Traefik in front", () => {
  let app: Quartermaster;
  const stat = () => on(HOST, `stat -c '%a %U:%G %i' ${FOLDER}/.env`);

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    await app.publish("3f2a91c");
    await app.publish("8d04e7b");
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("a dry run changes nothing", async () => {
    const since = await clock(HOST);
    const env = await app.env();
    const dry = await app.workshop.tend("deploy", "quartermaster", "--tag", "3f2a91c", "--dry-run");
    expect(dry.exit, dry.stdout + dry.stderr).toBe(0);
    expect(dry.stdout).toContain("set QUARTERMASTER_TAG=3f2a91c in /srv/quartermaster/.env");
    expect(await changesSince(HOST, since)).toEqual([]);
    expect(await app.env()).toBe(env);
    expect(await on(HOST, "ls ~/.local/state/tend 2>/dev/null || true")).toBe("");
  }, 30_000);

  it("the first deploy pins the tag that was given, and keeps the env file's other lines, mode and owner", async () => {
    const env = await app.env();
    const before = await stat();
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "3f2a91c");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("QUARTERMASTER_TAG none-yet → 3f2a91c");
    expect(deploy.stdout).toContain("release 1 of quartermaster is live");
    expect(await app.env()).toBe(env.replace("QUARTERMASTER_TAG=none-yet", "QUARTERMASTER_TAG=3f2a91c"));
    expect(await stat()).toBe(before);
    expect(await app.version()).toBe("3f2a91c");
    await expectNothingToDo(HOST, FOLDER);
    expect((await ask(app.target("/months"), { method: "POST", body: { year_month: "2026-11" } })).status).toBe(201);
  }, 60_000);

  it("a new release is recreated in place: it says why, and the gap that it reports is the one that was there", async () => {
    const asked: { at: number; ok: boolean }[] = [];
    let stopped = false;
    const asking = (async () => {
      while (!stopped) {
        const { status } = await ask(app.target("/healthz"));
        asked.push({ at: performance.now(), ok: status === 200 });
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    })();
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "8d04e7b");
    stopped = true;
    await asking;
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("quartermaster: recreated with a gap (it is the only writer of its data)");
    const [latest] = JSON.parse((await app.workshop.tend("releases", "quartermaster", "--json")).stdout).releases;
    const good = asked.filter(({ ok }) => ok).map(({ at }) => at);
    const gap = Math.max(...good.slice(1).map((at, index) => at - (good[index] as number)));
    expect(gap).toBeGreaterThan(500);
    // Two look at the same gap, each when a busy machine lets it.
    expect(latest.gap.longestGapMs).toBeGreaterThan(gap / 3);
    expect(latest.gap.longestGapMs).toBeLessThan(gap * 3);
    expect(latest.gap.failed).toBeGreaterThan(0);
    expect(deploy.stdout).toMatch(/release 2 of quartermaster is live · .* · \d+ of \d+ requests failed.*, longest gap \d/);
    // The data is where it was.
    expect((await ask(app.target("/months"))).body).toContain("2026-11");
    await expectNothingToDo(HOST, FOLDER);
  }, 60_000);

  it("a tag that was never pushed: refused before anything stops", async () => {
    const before = await containerIds(HOST);
    const env = await app.env();
    const since = await clock(HOST);
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "0000000");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(5);
    expect(deploy.stdout).toMatch(/error\[registry\.tag-missing\]: the images of quartermaster can't be pulled/);
    expect(deploy.stdout).toContain(
      `the registry ${lab().registry.address} has no ${HOST}/quartermaster:0000000: was it pushed?`,
    );
    expect(await changesSince(HOST, since)).toEqual([]);
    expect(await containerIds(HOST)).toEqual(before);
    expect(await app.env()).toBe(env);
  }, 30_000);

  it.each([
    ["a wrong password", () => on(HOST, wrongPassword())],
    ["no login at all", () => on(HOST, `docker logout ${lab().registry.address}`)],
  ])(
    "%s at the registry: refused before anything stops, and the help names the registry",
    async (_, spoil) => {
      await app.publish("9b1c44e");
      await spoil();
      try {
        const before = await containerIds(HOST);
        const env = await app.env();
        const since = await clock(HOST);
        const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "9b1c44e");
        expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(5);
        expect(deploy.stdout).toMatch(/error\[registry\.denied\]: the images of quartermaster can't be pulled/);
        expect(deploy.stdout).toContain(`help      on the host: docker login ${lab().registry.address}`);
        expect(deploy.stdout).toMatch(/changed +nothing that users see/);
        expect(await changesSince(HOST, since)).toEqual([]);
        expect(await containerIds(HOST)).toEqual(before);
        expect(await app.env()).toBe(env);
        expect(await app.version()).toBe("8d04e7b");
      } finally {
        await app.login();
      }
    },
    60_000,
  );

  it("a release by hand is seen in status, recorded as found, and the next deploy starts from it", async () => {
    await app.publish("by-hand");
    await app.publish("c0ffee1");
    await on(
      HOST,
      `cd ${FOLDER} && sed -i 's/^QUARTERMASTER_TAG=.*/QUARTERMASTER_TAG=by-hand/' .env && docker compose up -d --wait 2>&1`,
    );
    const status = await app.workshop.tend("status");
    expect(status.stdout).toContain("! quartermaster runs another image than release 2");
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "c0ffee1");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("QUARTERMASTER_TAG by-hand → c0ffee1");
    expect(deploy.stdout).toContain("✔ record what runs as release 3");
    const releases = await app.workshop.tend("releases", "quartermaster");
    expect(releases.stdout).toMatch(/4 live .*deploy .*QUARTERMASTER_TAG=c0ffee1/);
    expect(releases.stdout).toMatch(/3 .*found .*QUARTERMASTER_TAG=by-hand .*by hand/);
    const back = await app.workshop.tend("rollback", "quartermaster");
    expect(back.exit, back.stdout + back.stderr).toBe(0);
    expect(await app.version()).toBe("by-hand");
    expect((await app.workshop.tend("status")).stdout).not.toContain("another image");
  }, 90_000);

  it("a release that can't start: the former one is brought back, with its tag, and the gap is told", async () => {
    await app.publish("bad0bad", { failStart: "no such table: posting_archive" });
    const env = await app.env();
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "bad0bad");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(1);
    expect(deploy.stdout).toMatch(/evidence +startup_failed {2}no such table: posting_archive/);
    expect(deploy.stdout).toMatch(
      /changed +nothing lasting: what was serving before is serving again; but the database may be migrated.* has it as it was.*; meanwhile \d+ of \d+ requests failed, longest gap [1-9]/,
    );
    expect(await app.env()).toBe(env);
    await eventually(() => app.version(), "by-hand");
    await expectNothingToDo(HOST, FOLDER);
  }, 90_000);
});

/** As if the password had been changed since the login: the registry is asked with the old one. */
function wrongPassword(): string {
  const { address, user } = lab().registry;
  const auth = Buffer.from(`${user}:expired`).toString("base64");
  return `printf '{"auths":{"${address}":{"auth":"${auth}"}}}' >~/.docker/config.json`;
}
