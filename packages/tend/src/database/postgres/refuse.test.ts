import { expect, test } from "vitest";
import type { PostgresDatabase } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import { refuse } from "./refuse.ts";
import type { PostgresFacts } from "./situation.ts";

const database = {
  kind: "postgres",
  name: "main",
  container: "shared-postgres",
  database: "skriptoteket",
  user: "postgres",
  extensions: [],
} as unknown as PostgresDatabase;

const facts: PostgresFacts = {
  version: 150018,
  server: "15.18",
  superuser: true,
  slots: [],
  roles: ["postgres", "skriptoteket"],
  extensions: ["citext"],
  kept: [],
  free: 1e9,
};

const ABOUT = `{"role":"skriptoteket"}
{"size":100000000}
{"object":["extension","citext"],"def":{"version":"1.6"}}
`;

/** The id and the title that a restore is refused with. */
function refused(about: string, more: Partial<PostgresFacts> = {}, versions = ["PostgreSQL 15.18"]): readonly string[] {
  const manifest = { name: "skriptoteket-main-20261120T030000Z-manual-7f3a", versions, files: {} } as unknown as Manifest;
  try {
    refuse(database, { ...facts, ...more }, { manifest, about, bring: () => ({}) as never });
    return [];
  } catch (error) {
    if (error instanceof Failure) return [error.id, error.message, error.parts.changed ?? ""];
    throw error;
  }
}

test("what fits is let through, from an older server too", () => {
  expect(refused(ABOUT)).toEqual([]);
  expect(refused(ABOUT, { version: 170011, server: "17.11" })).toEqual([]);
});

test("trap: an archive of a newer server is refused before anything stops: this one's pg_restore can't read it", () => {
  expect(refused(ABOUT, {}, ["pg_dump (PostgreSQL) 17.11", "PostgreSQL 17.11 (Debian 17.11-0+deb13u1)"])).toEqual([
    "restore.version",
    expect.stringContaining("is of PostgreSQL 17, the server in shared-postgres is 15.18"),
    "nothing",
  ]);
});

test("trap: a role that the server hasn't would end the restore with errors: it is named", () => {
  expect(refused(ABOUT, { roles: ["postgres"] })).toEqual(["restore.roles", "the server has no role skriptoteket", "nothing"]);
});

test("an extension that the server's image doesn't bring is named, whether or not its name needs quotes", () => {
  expect(refused(ABOUT, { extensions: [] })[1]).toBe("the server in shared-postgres has no extension citext");
  const quoted = '{"object":["extension","\\"uuid-ossp\\""],"def":{}}\n';
  expect(refused(quoted)[1]).toBe("the server in shared-postgres has no extension uuid-ossp");
  expect(refused(quoted, { extensions: ["uuid-ossp"] })).toEqual([]);
});

test("without room for a second copy it doesn't begin", () => {
  expect(refused(ABOUT, { free: 90e6 })[0]).toBe("disk.full");
});

test("only a superuser can make databases, give them owners and send others away", () => {
  expect(refused(ABOUT, { superuser: false })[0]).toBe("restore.roles");
});

test("a server that can't be asked is told as that", () => {
  expect(refused(ABOUT, { trouble: "No such container: shared-postgres" })[0]).toBe("database.unreachable");
});
