import { cases, container, YAML } from "../../testing.ts";
import { bindMasks, bindMissing, owner } from "./binds.ts";
import { anonymous, postgresPath } from "./volumes.ts";

const WEB = "302c9456d44af71e9bebae118b06cacb4352813f6bf144b4506fa738a183a592";
const ON = "hemma/skriptoteket/web";
const unmeasurable = { "a dead network drive holds it up": { mounts: { exit: 124, stdout: "" } } };
const mount = (source: string, target: string, writable = true) =>
  container("skriptoteket-web", () => ({ mounts: [{ Type: "bind", Source: source, Destination: target, RW: writable }] }));

const FILE = mount("/root/apps/skriptoteket/app.conf", "/app/app.conf", false);
const looked = (line: string) => (recorded: string) => `${recorded}${line}|/root/apps/skriptoteket/app.conf\n`;
cases(bindMissing, {
  good: {
    "a file": { containers: FILE, mounts: looked("there|unknown|0|0|644|regular file") },
    "a folder called like one of systemd's": {
      containers: mount("/srv/conf.d", "/etc/nginx/conf.d"),
      mounts: "there|yes|0|0|755|directory|/srv/conf.d\n",
    },
    "it can't be looked at": { containers: FILE, mounts: looked("unreadable") },
  },
  bad: {
    "deleted while it runs": { seen: { containers: FILE, mounts: looked("missing") }, on: ON, says: "no longer on hemma" },
    "an empty folder in the place of a file": {
      seen: { containers: FILE, mounts: looked("there|yes|0|0|755|directory") },
      on: ON,
      says: "is an empty folder",
    },
    "for a service that has no container yet": {
      seen: {
        containers: "",
        compose: (recorded) =>
          recorded.replace(
            "    volumes:\n",
            "    volumes:\n      - type: bind\n        source: /root/apps/skriptoteket/app.conf\n        target: /app/app.conf\n",
          ),
        mounts: looked("missing"),
      },
      on: ON,
      says: "is to have mounted",
    },
  },
  unmeasurable,
});

cases(bindMasks, {
  good: {
    "it has something in it": {
      containers: mount("/srv/plugins", "/app/plugins"),
      mounts: "there|no|0|0|755|directory|/srv/plugins\n",
    },
  },
  bad: {
    "the image's own files are hidden": {
      seen: {
        containers: mount("/srv/plugins", "/app/plugins"),
        mounts: `there|yes|0|0|755|directory|/srv/plugins\nmask/${WEB}//app/plugins/markdown.js\nmask/${WEB}//app/plugins/search.js\n`,
      },
      on: ON,
      says: "markdown.js, search.js",
    },
  },
  unmeasurable,
});

const DATA = mount("/mnt/skriptoteket", "/app/.artifacts");
const owned = (by: string) => `there|no|${by}|directory|/mnt/skriptoteket\n`;
const DOWN = container("skriptoteket-web", () => ({
  state: "exited",
  exitCode: 1,
  mounts: [{ Type: "bind", Source: "/mnt/skriptoteket", Destination: "/app/.artifacts", RW: true }],
}));
const said = (line: string) => `= ${WEB}\nlog|${line}\n`;
cases(owner, {
  good: {
    "root's, and the app ends for another reason": {
      containers: DOWN,
      mounts: owned("0|0|755"),
      trouble: said("Error: DATABASE_URL is not set"),
    },
    "its own": { containers: DATA, mounts: owned("1000|1000|755") },
    "its group's": { containers: DATA, mounts: owned("0|1000|775") },
    "everybody's": { containers: DATA, mounts: owned("0|0|1777") },
    "only to be read": { containers: mount("/mnt/skriptoteket", "/app/.artifacts", false), mounts: owned("0|0|755") },
    "a user by name: nobody outside knows the number": {
      containers: container("skriptoteket-web", () => ({
        user: "node",
        mounts: [{ Type: "bind", Source: "/mnt/skriptoteket", Destination: "/app/x", RW: true }],
      })),
      mounts: owned("0|0|755"),
    },
  },
  bad: {
    "root's": { seen: { containers: DATA, mounts: owned("0|0|755") }, on: ON, says: "may not write to /mnt/skriptoteket" },
    "root's, and the app ends for it": {
      seen: {
        containers: DOWN,
        mounts: owned("0|0|755"),
        trouble: said("Error: EACCES: permission denied, mkdir '/app/.artifacts/x'"),
      },
      on: ON,
      says: "may not write to /mnt/skriptoteket",
    },
  },
  unmeasurable,
});
cases(owner, {
  yaml: YAML.replace("{ volume: artifacts_data }", "{ path: /mnt/skriptoteket }"),
  good: { "its own": { containers: DATA, mounts: owned("1000|1000|755") } },
  bad: { "where the app keeps its files": { seen: { containers: DATA, mounts: owned("0|0|755") }, on: ON, says: "owner 0:0" } },
  unmeasurable,
});

const nameless = (name: string, target: string) => () => ({
  mounts: [{ Type: "volume", Name: name, Source: `/v/${name}`, Destination: target, RW: true }],
});
const engine = { "the engine refuses": { images: { exit: 1, stdout: "", stderr: "permission denied" } } };
cases(anonymous, {
  good: {
    "a name that looks like a hash, and is shorter": { containers: container("skriptoteket-web", nameless("deadbeef", "/data")) },
  },
  bad: {
    "where the image wants its data": {
      seen: { containers: container("shared-postgres", nameless("a".repeat(64), "/var/lib/postgresql/data")) },
      on: "hemma/shared-postgres",
      says: "the image declares that place",
    },
    "by the compose file": {
      seen: { containers: container("skriptoteket-web", nameless("a".repeat(64), "/cache")) },
      on: ON,
      says: "without a source",
    },
  },
  unmeasurable: engine,
});

const eighteen = (recorded: string) => recorded.replaceAll('"postgres":["17",null]', '"postgres":["18",null]');
cases(postgresPath, {
  good: {
    "18, with its volume where it belongs": {
      images: eighteen,
      containers: container("shared-postgres", nameless("pg", "/var/lib/postgresql")),
    },
  },
  bad: {
    "18, with its volume where 17 had it": { seen: { images: eighteen }, on: "hemma/shared-postgres", says: "is PostgreSQL 18" },
  },
  unmeasurable: engine,
});
