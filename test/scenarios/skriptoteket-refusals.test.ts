import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { breakStart, mendStart, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

describe("a release that can't be", () => {
  let app: Skriptoteket;
  const containers = () => on(HOST, "docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}' | sort");
  const head = () => on(HOST, "git -C ~/apps/skriptoteket rev-parse HEAD");

  beforeAll(async () => {
    app = await running(HOST, "caddy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 120_000);

  afterAll(() => app?.close());

  /** Runs tend and proves that neither a container nor the checkout has changed. */
  async function refused(...args: readonly string[]) {
    const before = [await containers(), await head()];
    const result = await app.workshop.tend(...args);
    expect([await containers(), await head()]).toEqual(before);
    return result;
  }

  it("a failing release keeps the old one serving, and says the first error of its log", async () => {
    await app.publish("broken", breakStart);
    const before = await containers();
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit).toBe(1);
    expect(deploy.stdout).toContain("error[release.unhealthy]: web (skriptoteket-web-surge-");
    expect(deploy.stdout).toMatch(/evidence .*relation sandbox_snapshots does not exist/);
    expect(deploy.stdout).toMatch(/changed .*(nothing|is serving)/);
    expect(await app.version()).toBe("1");
    expect(await containers()).toBe(before);
    const dryRun = await on(HOST, "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --dry-run 2>&1");
    expect(dryRun).toContain("Running");
    expect(dryRun).not.toContain("Recreate");
    await app.publish("2", mendStart);
    const mended = await app.workshop.tend("deploy", "skriptoteket");
    expect(mended.exit, mended.stdout).toBe(0);
    expect(await app.version()).toBe("2");
  }, 120_000);

  it("a build that fails changes nothing, and says which line", async () => {
    const file = "Dockerfile";
    let good = "";
    await app.publish("no-build", async (folder) => {
      good = await readFile(join(folder, file), "utf8");
      await writeFile(join(folder, file), good.replace("COPY VERSION ./", "COPY NO-SUCH-FILE ./"));
    });
    const before = [await containers(), await head()];
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit).toBe(1);
    expect(deploy.stdout).toContain("error[build.failed]");
    expect(deploy.stdout).toContain("NO-SUCH-FILE");
    expect([await containers(), await head()]).toEqual(before);
    await app.publish("3", (folder) => writeFile(join(folder, file), good));
  }, 120_000);

  it("an unset variable is refused, and named", async () => {
    await on(HOST, "mv ~/apps/skriptoteket/.env ~/apps/skriptoteket/env.aside");
    const deploy = await refused("deploy", "skriptoteket");
    await on(HOST, "mv ~/apps/skriptoteket/env.aside ~/apps/skriptoteket/.env");
    expect(deploy.exit).toBe(5);
    expect(deploy.stdout).toContain("error[env.unset]: a variable is not set: SKRIPTOTEKET_DB_PASSWORD");
  });

  it("a dirty checkout is refused with its files, and never reset", async () => {
    await on(HOST, "echo '// by hand' >> ~/apps/skriptoteket/src/main.ts");
    const deploy = await refused("deploy", "skriptoteket");
    expect(deploy.exit).toBe(5);
    expect(deploy.stdout).toContain("error[code.dirty]");
    expect(deploy.stdout).toContain("src/main.ts");
    expect(await on(HOST, "tail -n 1 ~/apps/skriptoteket/src/main.ts")).toBe("// by hand\n");
    await on(HOST, "git -C ~/apps/skriptoteket checkout --quiet src/main.ts");
  });

  it("commits that only the host has are refused", async () => {
    await on(
      HOST,
      "cd ~/apps/skriptoteket && git -c user.name=a -c user.email=a@example.org commit --quiet --allow-empty -m 'Only here'",
    );
    const deploy = await refused("deploy", "skriptoteket");
    expect(deploy.exit).toBe(5);
    expect(deploy.stdout).toContain("error[code.diverged]");
    await on(HOST, "git -C ~/apps/skriptoteket reset --quiet --keep HEAD~1");
  });

  it("a missing external network is refused, with the line that makes it", async () => {
    await app.publish("network", (folder) =>
      edit(join(folder, "compose.prod.yaml"), (text) => text.replaceAll("edge-network", "no-such-network")),
    );
    const deploy = await refused("deploy", "skriptoteket");
    expect(deploy.exit).toBe(5);
    expect(deploy.stdout).toContain("error[network.missing]");
    expect(deploy.stdout).toContain("docker network create no-such-network");
    await app.publish("3", (folder) =>
      edit(join(folder, "compose.prod.yaml"), (text) => text.replaceAll("no-such-network", "edge-network")),
    );
  });

  it("an unreachable Docker daemon is told from everything else", async () => {
    await on(HOST, "systemctl stop docker.socket docker.service");
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    const status = await app.workshop.tend("status");
    await on(HOST, "systemctl start docker.socket docker.service && until docker ps >/dev/null 2>&1; do sleep 0.2; done");
    expect(deploy.exit).toBe(7);
    expect(deploy.stdout).toContain("error[docker.unreachable]");
    expect(status.stdout).toMatch(/✖ .*docker daemon/i);
  }, 60_000);

  it("an unknown app, service, option or commit is refused in one line with what there is", async () => {
    expect((await refused("deploy", "skriptotek")).stderr).toContain('did you mean "skriptoteket"?');
    expect((await refused("deploy", "skriptoteket", "--only", "wbe")).stdout).toContain('did you mean "web"?');
    expect((await refused("deploy", "skriptoteket", "--ref", "no-such-branch")).stdout).toContain("error[code.target]");
    expect((await refused("deploy", "skriptoteket", "--tag", "x")).exit).not.toBe(0);
    expect((await refused("deploy", "skriptoteket", "--ref", "--upload-pack=x")).exit).toBe(2);
  }, 60_000);

  it("a release that doesn't exist is refused with the list", async () => {
    const rollback = await refused("rollback", "skriptoteket", "--to", "77");
    expect(rollback.exit).toBe(5);
    expect(rollback.stdout).toContain("error[release.unknown]: skriptoteket has no release 77");
    expect(rollback.stdout).toMatch(/evidence +\d+ +\d{4}-/);
  });
});

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, "utf8")));
}
