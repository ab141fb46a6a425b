import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labHost, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

describe("the disk fills up in a build", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    await labHost("reset", "small", "--disk", "1500M");
    app = await running("small", "caddy", { fresh: false });
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await labHost("down", "small");
  });

  it("the old release serves on, and the error says which disk", async () => {
    await app.publish("huge", async (folder) => {
      const file = join(folder, "Dockerfile");
      await writeFile(
        file,
        (await readFile(file, "utf8")).replace(
          "COPY VERSION ./",
          "RUN head -c 3000000000 /dev/zero > /var/filler\nCOPY VERSION ./",
        ),
      );
    });
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    expect(deploy.exit, deploy.stdout).toBe(1);
    expect(deploy.stdout).toContain("error[disk.full]");
    expect(deploy.stdout).toContain("/var/lib/docker");
    expect(await app.version()).toBe("1");
    expect(await on("small", "git -C ~/apps/skriptoteket log -1 --format=%s")).toBe("First version\n");
  }, 180_000);

  it("a disk that is full before anything began is refused", async () => {
    await on(
      "small",
      "free=$(df -Pk /var/lib/docker | tail -n 1 | { read -r _ _ _ free _; echo $free; }); head -c $(( (free - 100000) * 1024 )) /dev/zero > /var/lib/docker/filler",
    );
    const deploy = await app.workshop.tend("deploy", "skriptoteket");
    await on("small", "rm /var/lib/docker/filler");
    expect(deploy.exit).toBe(5);
    expect(deploy.stdout).toMatch(/error\[disk\.full\]: the disk at \/var\/lib\/docker has \d+ MB left/);
  }, 60_000);

  it("a restore for which there is no room is refused before anything is stopped", async () => {
    const backup = await app.workshop.tend("backup", "skriptoteket", "--only", "main");
    expect(backup.exit, backup.stdout).toBe(0);
    const started = () => on("small", "docker container inspect --format '{{.State.StartedAt}}' skriptoteket-web");
    const before = await started();
    await on(
      "small",
      "free=$(df -Pk /var/lib/docker | tail -n 1 | { read -r _ _ _ free _; echo $free; }); head -c $(( (free - 25000) * 1024 )) /dev/zero > /var/lib/docker/filler",
    );
    const restore = await app.workshop.tend(
      "restore",
      "skriptoteket",
      "newest",
      "--database",
      "main",
      "--confirm",
      "skriptoteket",
    );
    await on("small", "rm /var/lib/docker/filler");
    expect(restore.exit, restore.stdout).toBe(5);
    expect(restore.stdout).toMatch(/error\[disk\.full\]: there is no room for a second copy of skriptoteket/);
    expect(restore.stdout).toMatch(/it takes \d+ MB, \d+ MB are free[\s\S]*changed +nothing\n/);
    expect(await started()).toBe(before);
  }, 60_000);
});
