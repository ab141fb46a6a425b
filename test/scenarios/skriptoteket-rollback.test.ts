import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients } from "../lab/clients.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

describe("a rollback", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "caddy");
    for (const version of ["2", "3"]) {
      await app.publish(version);
      const deploy = await app.workshop.tend("deploy", "skriptoteket");
      expect(deploy.exit, deploy.stdout).toBe(0);
    }
  }, 120_000);

  afterAll(() => app?.close());

  it("brings the release before back, code and image, and none of 50 clients' GETs fails", async () => {
    const load = clients(50, app.target());
    const rollback = await app.workshop.tend("rollback", "skriptoteket");
    const seen = await load.stop();
    expect(rollback.exit, rollback.stdout).toBe(0);
    expect(await app.version()).toBe("2");
    expect(seen.failed).toBe(0);
    expect(await on(HOST, "cat ~/apps/skriptoteket/VERSION")).toBe("2\n");
    const dryRun = await on(HOST, "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --dry-run 2>&1");
    expect(dryRun).not.toContain("Recreate");
  }, 60_000);

  it("goes further back the next time, to what ran before tend came", async () => {
    const rollback = await app.workshop.tend("rollback", "skriptoteket");
    expect(rollback.exit, rollback.stdout).toBe(0);
    expect(await app.version()).toBe("1");
  }, 60_000);

  it("is said in the list, and status shows nothing out of the ordinary", async () => {
    const releases = await app.workshop.tend("releases", "skriptoteket");
    expect(releases.stdout).toMatch(/5 live .*rollback to 1/);
    const status = await app.workshop.tend("status");
    expect(status.stdout).toContain("release 5 (= 1)");
    expect(status.stdout.replaceAll(/! \w+ was never backed up/g, "")).not.toContain("!");
  });

  it("a deploy goes forward again, from a checkout that a rollback left detached", async () => {
    await app.publish("4");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout).toBe(0);
    expect(await app.version()).toBe("4");
    expect((await on(HOST, "git -C ~/apps/skriptoteket symbolic-ref --short HEAD")).trim()).toBe("main");
  }, 60_000);

  it("brings back the env file that the release had, with its mode, and no secret is shown anywhere", async () => {
    await on(HOST, "cd ~/apps/skriptoteket && echo 'EXTRA_TOKEN=canary-new-value' >> .env && chmod 640 .env");
    const recreate = await app.workshop.tend("recreate", "skriptoteket");
    expect(recreate.exit, recreate.stdout).toBe(0);
    const rollback = await app.workshop.tend("rollback", "skriptoteket");
    expect(rollback.exit, rollback.stdout).toBe(0);
    expect(await on(HOST, "cat ~/apps/skriptoteket/.env")).toBe("SKRIPTOTEKET_DB_PASSWORD=s3cret-canary-pw\n");
    expect((await on(HOST, "stat -c %a ~/apps/skriptoteket/.env")).trim()).toBe("640");
    const kept = await on(
      HOST,
      "find ~/.local/state/tend -type f -path '*releases*' ! -perm 600; find ~/.local/state/tend -type d ! -perm 700",
    );
    expect(kept).toBe("");
    const told = await on(
      HOST,
      "cd ~/.local/state/tend && cat apps/*/journal.jsonl runs/*/events.jsonl runs/*/plan.json runs/*/*.sh runs/*/out/*",
    );
    expect(told + recreate.stdout + rollback.stdout).not.toMatch(/canary/);
  }, 60_000);

  it("goes to a release by its number", async () => {
    const rollback = await app.workshop.tend("rollback", "skriptoteket", "--to", "3");
    expect(rollback.exit, rollback.stdout).toBe(0);
    expect(await app.version()).toBe("3");
  }, 60_000);
});
