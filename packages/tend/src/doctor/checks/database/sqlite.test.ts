import { expect, test } from "vitest";
import { cases, container, judged } from "../../testing.ts";
import { sqliteAccess, sqliteIntegrity, sqliteMissing, sqliteWal } from "./sqlite.ts";

const yaml = `fleet: homelab
hosts: { hemma: { ssh: [hemma] } }
apps:
  quartermaster:
    host: hemma
    path: /srv/quartermaster
    compose: compose.yml
    source: { image: registry.example/quartermaster, tag: { env: QUARTERMASTER_TAG } }
    services: { quartermaster: { role: single-writer } }
    databases: { main: { sqlite: /mnt/quartermaster/quartermaster.db } }
    backups: { to: [/srv/backups] }
`;
/** The recorded container, as the app's own. */
const containers = container("skriptoteket-web", () => ({
  user: "1000:1000",
  labels: {
    "com.docker.compose.project": "quartermaster",
    "com.docker.compose.service": "quartermaster",
    "com.docker.compose.project.working_dir": "/srv/quartermaster",
  },
}));
const is = (from: RegExp, to: string) => (recorded: string) => recorded.replace(from, to);
const ON = "hemma/quartermaster/main";
const unmeasurable = {
  "it takes too long": { containers, sqlite: { exit: 124, stdout: "" } },
  "its folder can't be looked into": {
    containers,
    sqlite: "\x1equartermaster main\nerror: the folder of /mnt/quartermaster can't be written\n",
  },
};

cases(sqliteMissing, {
  yaml,
  good: { "the app was never started here": { sqlite: "\x1equartermaster main\nfolder 1000:1000 755\nfree 1000\n" } },
  bad: {
    "it was moved away": {
      seen: { containers, sqlite: "\x1equartermaster main\nfolder 1000:1000 755\nfree 1000\n" },
      on: ON,
      says: "isn't there",
    },
    "it was emptied": { seen: { containers, sqlite: is(/^size \d+$/m, "size 0") }, on: ON, says: "is empty" },
  },
  unmeasurable,
});

cases(sqliteIntegrity, {
  yaml,
  good: { "it is too large for a look": { containers, sqlite: is(/^read .*$/m, "") } },
  bad: {
    "a page was overwritten": {
      seen: {
        containers,
        sqlite: is(
          /^read .*$/m,
          "read 43 error: quartermaster.db is damaged: Tree 5 page 7: btreeInitPage() returns error code 11",
        ),
      },
      on: ON,
      says: "btreeInitPage",
    },
    "it is something else": { seen: { containers, sqlite: is(/^read .*$/m, "foreign") }, on: ON, says: "no SQLite database" },
  },
  unmeasurable,
});

cases(sqliteWal, {
  yaml,
  good: {
    "it is large, and the file is larger": {
      containers,
      sqlite: is(/^size .*\n(.*\n)*?log .*$/m, "size 900000000\nlog 90000000"),
    },
  },
  bad: {
    "a reader never ends": { seen: { containers, sqlite: is(/^log .*$/m, "log 90000000") }, on: ON, says: "90 MB" },
  },
  unmeasurable,
});

const refused = (time: string) => (recorded: string) =>
  `${recorded}\x1elog skriptoteket-web\nsqlite 2026-11-20T${time}Z Error: attempt to write a readonly database\n`.replace(
    "\x1elog skriptoteket-web\n\x1elog",
    "\x1elog",
  );
test("what gives a file back to its app is a command that does it, wherever the file is", () => {
  const yours = { containers, sqlite: is(/^owner .*$/m, "owner 0:0 644") };
  const said = (declared: string, more: object) =>
    judged(sqliteAccess, { ...yours, ...more }, declared).findings.flatMap(({ fix }) => fix.commands?.map(String) ?? []);
  expect(said(yaml, {})).toEqual(["sudo chown 1000 /mnt/quartermaster /mnt/quartermaster/quartermaster.db*"]);
  const volume = yaml.replace(
    "{ sqlite: /mnt/quartermaster/quartermaster.db }",
    "{ sqlite: { path: quartermaster.db, volume: data } }",
  );
  const mounted = (recorded: string) =>
    container("skriptoteket-web", () => ({
      mounts: [
        { Type: "volume", Name: "quartermaster_data", Source: "/v/quartermaster_data/_data", Destination: "/data", RW: true },
      ],
    }))(containers(recorded));
  expect(said(volume, { containers: mounted })).toEqual([
    "sudo chown 1000 /v/quartermaster_data/_data /v/quartermaster_data/_data/quartermaster.db*",
  ]);
});

cases(sqliteAccess, {
  yaml,
  good: {
    "it was mended since": { containers, logs: refused("13:52:00") },
    "everybody may write it": { containers, sqlite: is(/^owner .*$/m, "owner 0:0 666") },
  },
  bad: {
    "root has restored it, and nothing was written since": {
      seen: { containers, sqlite: is(/^owner .*$/m, "owner 0:0 644") },
      on: ON,
      says: "it runs as 1000",
    },
    "root has restored it": {
      seen: { containers, logs: refused("13:52:00"), sqlite: is(/^owner .*$/m, "owner 0:0 644") },
      on: ON,
      says: "it runs as 1000",
    },
  },
  unmeasurable,
});
