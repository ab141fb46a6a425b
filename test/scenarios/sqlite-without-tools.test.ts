import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesSince, clock } from "../lab/engine.ts";
import { keptOf, said } from "../lab/kept.ts";
import { freshHost, lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();

describe("a SQLite file that neither its app's image nor the host can read", () => {
  let workshop: Workshop;
  const tend = (exit: number, ...args: readonly string[]) => said(workshop, exit, ...args);
  const declare = (helper: string) =>
    workshop.write(
      "tend.yaml",
      `fleet: attic
hosts: { attic: { ssh: [attic] } }
apps:
  ledger:
    host: attic
    path: /srv/ledger
    databases: { main: { sqlite: { path: /mnt/ledger/app.db${helper} } } }
`,
    );

  beforeAll(async () => {
    await freshHost(HOST);
    workshop = await Workshop.open();
    await workshop.sshAliases({ attic: lab().hosts.find((one) => one.name === HOST)?.address as string });
    await on(
      HOST,
      `set -e
mkdir -p /srv/ledger /mnt/ledger
cat >/srv/ledger/compose.yml
docker run --rm -v /mnt/ledger:/data node:24-slim node --no-warnings -e 'const db = new (require("node:sqlite").DatabaseSync)("/data/app.db"); db.exec("create table notes (id integer primary key, text text); insert into notes (text) values (1), (2), (3)")'
chown -R 2000:2000 /mnt/ledger
cd /srv/ledger && docker compose up -d 2>&1`,
      `services:
  ledger:
    image: busybox
    container_name: ledger
    init: true
    command: ["sh", "-c", "while sleep 1; do :; done"]
    user: "2000:2000"
    volumes: ["/mnt/ledger:/data"]
`,
    );
    await declare("");
  }, 120_000);

  afterAll(async () => {
    await workshop?.close();
    await freshHost(HOST);
  }, 60_000);

  it("a backup stops the app for the copy, which is said beforehand, and starts it again", async () => {
    const dry = await tend(0, "backup", "ledger", "--dry-run");
    expect(dry).toMatch(
      /stops +ledger, for the copy of main: neither its containers nor the host have python3, node 22\.5 or sqlite3/,
    );
    const since = await clock(HOST);
    await tend(0, "backup", "ledger");
    expect(await changesSince(HOST, since)).toEqual(expect.arrayContaining(["stop ledger", "start ledger"]));
    expect(await on(HOST, "docker inspect --format '{{.State.Status}}' ledger")).toBe("running\n");
    expect(await on(HOST, "cmp ~/backups/ledger/*/data.sqlite /mnt/ledger/app.db && echo same")).toBe("same\n");
  });

  it("when that copy fails, the app is started again all the same, and nothing is listed", async () => {
    const before = await keptOf(workshop, "ledger");
    // Somebody else on the host has left it half written.
    await on(HOST, "echo x >/mnt/ledger/app.db-wal");
    const failed = await tend(1, "backup", "ledger");
    await on(HOST, "rm /mnt/ledger/app.db-wal");
    expect(failed).toContain("the app left a log beside /mnt/ledger/app.db that only SQLite can fold in");
    expect(failed).toContain("declare a helper image");
    expect(await on(HOST, "docker inspect --format '{{.State.Status}}' ledger")).toBe("running\n");
    expect(await keptOf(workshop, "ledger")).toEqual(before);
  });

  it("what was copied so is verified and drilled by its sum; a restore wants a backup before it, and says what that lacks", async () => {
    await tend(0, "backup", "verify", "ledger");
    await tend(0, "drill", "ledger");
    const before = await on(HOST, "sha256sum </mnt/ledger/app.db");
    expect(await tend(1, "restore", "ledger", "newest", "--confirm", "ledger")).toMatch(
      /nothing here can read \/mnt\/ledger\/app\.db while the app runs[\s\S]*changed {3}nothing/,
    );
    expect(await on(HOST, "sha256sum </mnt/ledger/app.db")).toBe(before);
    expect(await on(HOST, "docker inspect --format '{{.State.Status}}' ledger")).toBe("running\n");
  });

  it("with a helper image that has one of the tools nothing is stopped, and it can be restored, drilled and asked", async () => {
    await declare(", helper: node:24-slim");
    const since = await clock(HOST);
    await tend(0, "backup", "ledger");
    await tend(0, "drill", "ledger");
    expect((await changesSince(HOST, since)).filter((line) => /\bledger$/.test(line))).toEqual([]);
    expect((await keptOf(workshop, "ledger"))[0]?.manifest?.rows).toBe(3);
    expect(await tend(0, "db", "query", "ledger", "select count(*) from notes")).toBe("3\n");
    await tend(0, "db", "query", "ledger", "delete from notes", "--write");
    await tend(0, "restore", "ledger", "newest", "--confirm", "ledger");
    expect(await tend(0, "db", "query", "ledger", "select count(*) from notes")).toBe("3\n");
    expect(await on(HOST, "stat -L -c '%u:%g %a' /mnt/ledger/app.db")).toBe("2000:2000 644\n");
  });
});
