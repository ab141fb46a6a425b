import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Server, startS3 } from "../contracts/s3-server.ts";
import { changesSince, clock } from "../lab/engine.ts";
import { keptOf, psql, rowsOf, said } from "../lab/kept.ts";
import { freshHost, lab, labHostOfThisWorker, on, run } from "../lab/lab.ts";
import { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();
const CANARY = "canary-4711-in-a-row";
/** In what a backup says of itself, too: it is in no row, and nothing compresses it. */
const DEFAULT = "canary-4711-in-the-schema";

describe("backups go to several places at once", () => {
  let workshop: Workshop;
  let s3: S3Server;
  let recipient: string;
  const tend = (exit: number, ...args: readonly string[]) => said(workshop, exit, ...args);
  const kept = () => keptOf(workshop, "notes");
  const newest = async () => (await kept())[0]?.name as string;
  const sql = (statements: string, container = "notes_db") => psql(HOST, container, "notes", statements);
  const rows = (container = "notes_db") => rowsOf(HOST, container, "notes");
  const bucket = (endpoint = s3.endpoint) => `{ s3: backups/home, endpoint: "${endpoint}" }`;
  const places = () => ["~/backups", "here:./kept", bucket()];

  const declare = (to: readonly string[], options: { encrypt?: string; keep?: string; container?: string } = {}) =>
    workshop.write(
      "tend.yaml",
      `fleet: attic
hosts: { attic: { ssh: [attic] } }
apps:
  notes:
    host: attic
    path: /srv/notes
    source: { image: ghcr.io/acme/notes, tag: { env: NOTES_TAG } }
    services: { web: {} }
    databases: { main: { postgres: { container: ${options.container ?? "notes_db"}, name: notes } } }
    migrate: { at: start }
    backups:
      to: [${to.map((one) => (one.startsWith("{") ? one : `"${one}"`)).join(", ")}]
${options.encrypt ? `      encrypt: ${options.encrypt}\n` : ""}${options.keep ? `      keep: ${options.keep}\n` : ""}`,
    );
  const sealed = (identity = "./identity.txt") => ({ encrypt: `{ to: ${recipient}, identity: "${identity}" }` });

  beforeAll(async () => {
    await freshHost(HOST);
    s3 = await startS3();
    Object.assign(process.env, s3.env);
    workshop = await Workshop.open();
    await workshop.sshAliases({ attic: lab().hosts.find((one) => one.name === HOST)?.address as string });
    const identity = await generateIdentity();
    recipient = await identityToRecipient(identity);
    await workshop.write("identity.txt", `${identity}\n`);
    await workshop.write("another.txt", `${await generateIdentity()}\n`);
    await on(
      HOST,
      `set -e
mkdir -p /srv/notes && cat >/srv/notes/compose.yml && echo NOTES_TAG=0 >/srv/notes/.env
for tag in 1 2; do
  printf 'FROM busybox\\nLABEL version='$tag'\\nCMD ["httpd", "-f", "-p", "8000", "-h", "/etc"]\\n' | docker build --quiet --tag ghcr.io/acme/notes:$tag - >/dev/null
  docker push --quiet ghcr.io/acme/notes:$tag >/dev/null
done
cd /srv/notes && docker compose up -d db old 2>&1
for container in notes_db notes_old; do
  until docker exec $container pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.2; done
done`,
      `services:
  web: { image: "ghcr.io/acme/notes:\${NOTES_TAG}", container_name: notes_web, init: true }
  db: { image: "postgres:17", container_name: notes_db, environment: { POSTGRES_HOST_AUTH_METHOD: trust, POSTGRES_DB: notes } }
  old: { image: "postgres:15", container_name: notes_old, environment: { POSTGRES_HOST_AUTH_METHOD: trust, POSTGRES_DB: notes } }
`,
    );
    for (const container of ["notes_db", "notes_old"]) {
      await sql(
        `create type kind as enum ('short', 'long');
create table notes (id bigint generated always as identity primary key, text text not null default '${DEFAULT}', kind kind, at timestamptz default now());
create index on notes (kind) where kind is not null;
create view long_notes as select * from notes where kind = 'long';
create function shout() returns trigger language plpgsql as $$ begin new.text = upper(new.text); return new; end $$;
create trigger shout before insert on notes for each row when (new.kind = 'short') execute function shout();
insert into notes (text, kind) select '${CANARY} ' || md5(n::text), 'long' from generate_series(1, 20000) n;`,
        container,
      );
    }
    await declare(places());
    await tend(0, "deploy", "notes", "--tag", "1");
    await tend(0, "deploy", "notes", "--tag", "2");
  }, 240_000);

  afterAll(async () => {
    await workshop?.close();
    await s3?.close();
    await freshHost(HOST);
  }, 60_000);

  it("all of them have it, read back whole, and each copy is the same", async () => {
    await tend(0, "backup", "notes", "--reason", "in clear");
    const [backup] = await kept();
    expect(backup?.copies.map(({ at, state }) => `${at} ${state}`).sort()).toEqual(
      [`here:${workshop.folder}/kept good`, "s3://backups/home good", "~/backups good"].sort(),
    );
    expect(await tend(0, "backup", "verify", "notes", backup?.name ?? "")).toContain("3 of 3 copies are whole");
    // What is searched for below is found, where it may be.
    expect(await found(DEFAULT)).not.toEqual([]);
  });

  it("encrypted, nothing of it is in clear outside the database's container, not for a moment and not afterwards", async () => {
    await on(HOST, "rm -rf ~/backups/notes ~/.local/state/tend/runs/*");
    await declare(places(), sealed());
    const watch = watching(CANARY);
    await tend(0, "backup", "notes", "--reason", "sealed");
    await tend(0, "drill", "notes");
    await tend(0, "restore", "notes", "newest", "--confirm", "notes");
    expect(await watch.stop()).toEqual([]);
    expect(await found("canary-4711")).toEqual([]);
    const there = [join(workshop.folder, "kept/notes", await newest()), join(s3.directory, "backups/home/notes", await newest())];
    for (const folder of there) {
      expect((await run(["grep", "-r", "-l", "-a", "-e", "canary-4711", folder])).stdout).toBe("");
      expect((await readdir(folder)).filter((name) => name.startsWith("data."))).not.toEqual([]);
    }
  });

  it.each([
    ["~/backups", "in clear"],
    ["here:./kept", "in clear"],
    ["s3", "in clear"],
    ["~/backups", "sealed"],
    ["here:./kept", "sealed"],
    ["s3", "sealed"],
  ])("with %s alone and %s: proven by a drill, and restored row by row", async (place, how) => {
    await declare([place === "s3" ? bucket() : place], how === "sealed" ? sealed() : {});
    if ((await kept()).find(({ manifest }) => manifest?.reason === how) === undefined)
      await tend(0, "backup", "notes", "--reason", how);
    const name = (await kept()).find(({ manifest }) => manifest?.reason === how)?.name as string;
    const before = await rows();
    await sql("delete from notes where id % 2 = 0");
    await tend(0, "drill", "notes", "--backup", name);
    await tend(0, "restore", "notes", name, "--confirm", "notes");
    expect(await rows()).toEqual(before);
  });

  it("with the wrong identity nothing is opened and nothing is stopped, and the list is there all the same", async () => {
    await declare(places(), sealed("./another.txt"));
    const sealedOne = (await kept()).find(({ manifest }) => manifest?.reason === "sealed")?.name as string;
    const since = await clock(HOST);
    const refused = await workshop.tend("restore", "notes", sealedOne, "--confirm", "notes");
    expect(refused.stdout + refused.stderr).toMatch(
      /error\[seal\.identity\]: the age identity in \S*another\.txt doesn't open it/,
    );
    expect(refused.exit).toBe(5);
    expect(await changesSince(HOST, since)).toEqual([]);
  });

  it("a bucket that goes away while it is written to: it fails and says so, and what was there before is as it was", async () => {
    const other = await startS3();
    await sql("create table bulk as select md5(n::text) || md5((-n)::text) as text from generate_series(1, 200000) n");
    await declare(["here:./kept", bucket(other.endpoint)], sealed());
    const before = (await readdir(join(workshop.folder, "kept/notes"))).sort();
    const gone = appears(join(other.directory, "backups/home")).then(() => other.close());
    const failed = await tend(7, "backup", "notes");
    await gone;
    expect(failed).toMatch(/error\[destination\.\w+\]: .*s3:\/\/backups\/home/);
    expect(failed).toMatch(/changed +nothing was published; other backups are as they were/);
    expect((await readdir(join(workshop.folder, "kept/notes"))).sort()).toEqual(before);
    await sql("drop table bulk");
  });

  it("while a place can't be reached, the others are listed, and it ends with 7", async () => {
    await declare(["~/backups", "here:./kept", bucket("http://127.0.0.1:9")]);
    const listed = await tend(7, "backups", "notes");
    expect(listed).toContain("notes-main-");
    expect(listed).toMatch(/✖ s3:\/\/backups\/home can't be asked: connect ECONNREFUSED/);
  });

  it("a disk that is full where tend runs: no backup is listed that isn't whole, anywhere but where it was whole before", async () => {
    const folder = join(workshop.folder, "small");
    await workshop.write("small/.keep", "");
    expect((await run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])).exit).toBe(0);
    try {
      await declare(["here:./small", bucket()], sealed());
      const before = (await kept()).map(({ name }) => name);
      const failed = await tend(1, "backup", "notes");
      expect(failed).toMatch(/error\[destination\.full\]: .*\/small is full/);
      expect((await kept()).map(({ name }) => name)).toEqual(before);
      expect(await readdir(join(folder, "notes"))).toEqual([]);
    } finally {
      await run(["umount", folder]);
      await rm(folder, { recursive: true });
    }
  });

  it("prune keeps the newest two in each place, and what a release needs to go back with its data", async () => {
    await declare(places(), { keep: "{ last: 2 }" });
    for (const reason of ["one", "two", "three"]) await tend(0, "backup", "notes", "--reason", reason);
    const before = await kept();
    const dry = await tend(0, "prune", "notes", "--dry-run");
    expect(await kept()).toEqual(before);
    expect(dry).toMatch(/remove +\S+-one-\S+: no slot of the retention is left for it/);
    await tend(0, "prune", "notes");
    const left = await kept();
    // From the live release back to the one before it, and from what was restored since back to how it was.
    expect(left.map(({ name }) => name)).toEqual(
      before.map(({ name }) => name).filter((name) => /-(three|two|migrate|pre-restore)-/.test(name)),
    );
    for (const one of left.slice(0, 2)) expect(one.copies.map(({ state }) => state)).toEqual(["good", "good", "good"]);
    const here = left.filter(({ copies }) => copies.some(({ at }) => at.startsWith("here:"))).map(({ name }) => name);
    expect((await readdir(join(workshop.folder, "kept/notes"))).sort()).toEqual(here.sort());
    expect(await tend(0, "prune", "notes")).toContain("nothing to do");
  });

  it("a backup of PostgreSQL 15 restores into 17, the same in every row and object; one of 17 is refused by 15, and nothing is stopped", async () => {
    await declare(["~/backups"], { container: "notes_old" });
    await tend(0, "backup", "notes", "--reason", "of 15");
    const old = (await kept())[0];
    expect(old?.manifest?.versions.join()).toMatch(/pg_dump \(PostgreSQL\) 15\.\d+.*PostgreSQL 15\.\d+/);
    // No zstd there: its archive says what it is packed with.
    expect(
      await on(
        HOST,
        `docker exec -i notes_old pg_restore --list <$(ls ~/backups/notes/${old?.name}/data.dump) | grep -i compression`,
      ),
    ).toMatch(/Compression: (3|gzip)/);
    await declare(["~/backups"]);
    await sql("delete from notes");
    await tend(0, "restore", "notes", old?.name ?? "", "--confirm", "notes");
    expect(await rows()).toEqual(await rows("notes_old"));
    await tend(0, "backup", "notes", "--reason", "of 17");
    const young = await newest();
    await declare(["~/backups"], { container: "notes_old" });
    const since = await clock(HOST);
    const refused = await tend(5, "restore", "notes", young, "--confirm", "notes");
    expect(refused).toMatch(/error\[restore\.version\]: \S+ is of PostgreSQL 17, the server in notes_old is 15\./);
    expect(refused).toMatch(/changed +nothing\n/);
    expect(await changesSince(HOST, since)).toEqual([]);
  });

  /** Files on the host's own disk, outside of containers, that have something of the notes in clear. */
  async function found(text: string): Promise<readonly string[]> {
    const folders = "/tmp /var/tmp ~/.local/state ~/backups ~/.cache";
    const files = await on(HOST, `grep -r -l -a -e ${text} ${folders} 2>/dev/null || true`);
    return files.split("\n").filter(Boolean);
  }

  /** The same, again and again until it is stopped. */
  function watching(text: string): { stop(): Promise<readonly string[]> } {
    const seen = new Set<string>();
    let going = true;
    const done = (async () => {
      while (going) for (const file of await found(text)) seen.add(file);
    })();
    return {
      async stop() {
        going = false;
        await done;
        return [...seen];
      },
    };
  }

  async function appears(path: string): Promise<void> {
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
