import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../lab/ask.ts";
import { changesSince, clock } from "../lab/engine.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { backups, counts, databases, KEPT_IN, keepWriting, newest, sql, tend } from "../lab/skriptoteket-data.ts";

const HOST = labHostOfThisWorker();
const DECLARED = "container: shared-postgres, name: skriptoteket, user: postgres";

describe("backups of a shared database, and of the files beside it", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    await ask(app.target("/tools"), { method: "POST", body: { slug: "word-count", title: "Word count" } });
    await ask(app.target("/sessions"), { method: "POST", body: { name: "list.txt", text: "Å\nA\n" } });
  }, 180_000);

  afterAll(() => app?.close());

  /** With another declaration of the database, for as long as `work` takes. */
  async function declaredAs(database: string, work: () => Promise<void>): Promise<void> {
    const declare = (change: (yaml: string) => string) =>
      app.workshop.declareSkriptoteket(app.address, "nginx", ["hemma"], change);
    await declare((yaml) => yaml.replace(DECLARED, database));
    await work();
    await declare((yaml) => yaml);
  }

  it("both are written where the runbook keeps them, for their owner alone, and listed, and read back whole", async () => {
    await tend(app, 0, "backup", "skriptoteket", "--reason", "Before the import!");
    const [main, artifacts] = [await newest(app), await newest(app, "artifacts")];
    expect(main).toMatch(/^skriptoteket-main-\d{8}T\d{6}Z-before-the-import-[0-9a-f]{4}$/);
    const files = await on(HOST, `cd ${KEPT_IN} && stat -c '%a %n' . * */*`);
    expect(files.trim().split("\n").sort()).toEqual(
      [
        "700 .",
        ...[
          [main, "data.dump"],
          [artifacts, "data.tar"],
        ].flatMap(([name, data]) => [
          `700 ${name}`,
          `600 ${name}/${data}`,
          `600 ${name}/about.jsonl`,
          `600 ${name}/manifest.json`,
        ]),
      ].sort(),
    );
    const verified = await tend(app, 0, "backup", "verify", "skriptoteket");
    expect(verified.stdout).toContain("2 of 2 copies are whole");
    const listed = (await backups(app)).find((one) => one.name === main)?.manifest;
    expect(listed).toMatchObject({ head: "0003", reason: "Before the import!" });
    const has = await counts(app);
    expect(listed?.rows).toBe(Object.values(has).reduce((sum, count) => sum + count));
  });

  it("a row that is written while it is dumped is in all of the backup, or in none of it", async () => {
    const writing = await keepWriting(app);
    const before = Number(await sql(app, "select count(*) from debit"));
    await tend(app, 0, "backup", "skriptoteket", "--only", "main");
    const after = await writing.stop();
    const name = await newest(app);
    const told = await on(HOST, `grep -h '^{"rows"' ${KEPT_IN}/${name}/about.jsonl`);
    const rows = Object.fromEntries(
      told
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { rows: [string, string]; count: number })
        .map((line) => [line.rows[1], line.count]),
    );
    expect(rows["debit"]).toBe(rows["credit"]);
    expect(rows["debit"]).toBeGreaterThanOrEqual(before);
    expect(rows["debit"]).toBeLessThan(after);
    await sql(app, "create database by_hand owner skriptoteket", "postgres");
    await on(
      HOST,
      `docker exec -i shared-postgres pg_restore -U postgres -d by_hand --exit-on-error <$(ls ${KEPT_IN}/${name}/data.dump)`,
    );
    expect(await counts(app, "by_hand")).toEqual(rows);
    await sql(app, "drop database by_hand", "postgres");
    await tend(app, 0, "drill", "skriptoteket", "--backup", name);
  });

  it("of a database that isn't there yet: there is nothing to back up, which is no failure, and nothing is listed", async () => {
    const before = await backups(app);
    await declaredAs("container: shared-postgres, name: skriptoteket_next, user: postgres", async () => {
      const backup = await tend(app, 0, "backup", "skriptoteket", "--only", "main");
      expect(backup.stdout).toContain("the database skriptoteket_next isn't in shared-postgres yet: there is nothing to back up");
      expect(backup.stdout).not.toContain("read back whole");
    });
    expect(await backups(app)).toEqual(before);
  });

  it.each([
    ["a wrong container", DECLARED.replace("shared-postgres", "shared-postgrez"), "No such container: shared-postgrez"],
    ["a wrong role", DECLARED.replace("user: postgres", "user: postgrez"), 'role "postgrez" does not exist'],
  ])("with %s it fails, says why, and leaves nothing", async (_, database, said) => {
    const before = await backups(app);
    await declaredAs(database, async () => {
      const backup = await tend(app, 1, "backup", "skriptoteket", "--only", "main");
      expect(backup.stdout).toContain(
        "error[backup.failed]: main of skriptoteket could not be backed up: there is no new backup",
      );
      expect(backup.stdout).toContain(said);
      expect(backup.stdout).toMatch(/changed +nothing\n/);
    });
    expect(await backups(app)).toEqual(before);
    expect(await on(HOST, `ls -A ${KEPT_IN} | grep partial || true`)).toBe("");
  });

  it.each([16, 44, 52])("on a disk that is full after %i kB, there is a whole backup, or none and it says so", async (room) => {
    await on(HOST, `mount -t tmpfs -o size=${room}k tmpfs ~/backups`);
    try {
      const backup = await app.workshop.tend("backup", "skriptoteket", "--only", "main");
      if (backup.exit === 0) {
        expect((await backups(app)).length).toBe(1);
        await tend(app, 0, "backup", "verify", "skriptoteket");
      } else {
        expect(backup.stdout).toContain("error[disk.full]");
        expect(backup.stdout).toContain("df -h ~/backups");
        expect(await backups(app)).toEqual([]);
      }
      expect(await on(HOST, `ls -A ${KEPT_IN} | grep partial || true`)).toBe("");
    } finally {
      await on(HOST, "umount ~/backups");
    }
  });

  it("a drill proves that the newest restores, touches no container, leaves no database, and is told of", async () => {
    const before = await tend(app, 0, "status");
    expect(before.stdout).toContain("artifacts: no restore was ever proven");
    await tend(app, 0, "backup", "skriptoteket");
    const since = await clock(HOST);
    await tend(app, 0, "drill", "skriptoteket");
    expect((await changesSince(HOST, since)).join()).not.toMatch(/skriptoteket-web|shared-postgres|nginx/);
    expect(await databases(app)).toEqual(["skriptoteket"]);
    const [main, artifacts] = [await newest(app), await newest(app, "artifacts")];
    for (const name of [main, artifacts]) {
      expect((await backups(app)).find((one) => one.name === name)?.proven?.at).toMatch(/^\d{4}-/);
    }
    const status = await tend(app, 0, "status");
    expect(status.stdout).not.toContain("no restore was ever proven");
    expect(status.stdout).not.toContain("!");
  });

  it.each([
    [
      "one flipped bit",
      "printf '\\001' | dd of=data.dump bs=1 seek=2000 conv=notrunc 2>/dev/null",
      "is not what its manifest says",
    ],
    ["its end cut off", "truncate -s -100 data.dump", "of"],
    ["a flipped bit in what it says of itself", "sed -i 's/0003/0004/' manifest.json", "manifest"],
  ])("a dump with %s fails the drill, the verification and the restore, and nothing is stopped", async (_, damage, said) => {
    await tend(app, 0, "backup", "skriptoteket", "--only", "main");
    const name = await newest(app);
    await on(HOST, `cd ${KEPT_IN}/${name} && cp -a . ~/whole && ${damage}`);
    const since = await clock(HOST);
    const proven = await provenBackups();
    const drill = await app.workshop.tend("drill", "skriptoteket", "--backup", name);
    const restore = await app.workshop.tend("restore", "skriptoteket", name, "--confirm", "skriptoteket");
    for (const refused of [drill, restore]) {
      expect(refused.exit, refused.stdout).toBe(5);
      expect(refused.stdout).toContain("error[backup.broken]");
      expect(refused.stdout).toContain(said);
      expect(refused.stdout).toMatch(/changed +nothing\n/);
    }
    const verify = await tend(app, 3, "backup", "verify", "skriptoteket");
    expect(verify.stdout).toMatch(new RegExp(`✖ ${name}`));
    expect(await changesSince(HOST, since)).toEqual([]);
    expect(await databases(app)).toEqual(["skriptoteket"]);
    expect(await provenBackups()).toEqual(proven);
    await on(HOST, `rm -r ${KEPT_IN}/${name} && mv ~/whole ${KEPT_IN}/${name}`);
    await tend(app, 0, "drill", "skriptoteket", "--backup", name);
  });

  async function provenBackups(): Promise<readonly string[]> {
    return (await backups(app)).filter((one) => one.proven).map(({ name }) => name);
  }
});
