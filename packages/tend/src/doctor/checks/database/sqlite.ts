import { posix } from "node:path";
import type { SqliteDatabase } from "../../../model/data.ts";
import type { App } from "../../../model/fleet.ts";
import { appKey } from "../../../observe/place.ts";
import { bytes } from "../../../render/bytes.ts";
import { remotePath, type Script, sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { isHere, subjectOfDatabase } from "../../databases.ts";
import type { Seen } from "../../facts/index.ts";
import { Unmeasured } from "../../facts/part.ts";
import { type SqliteSeen, sqliteIn } from "../../facts/sqlite.ts";
import { fail, pass, type Subject, skip } from "../../finding.ts";
import { linesOf } from "../../logged.ts";
import { apps, isVolume, type Owned } from "../../owner.ts";
import { type Scene, subjectOf } from "../../scene.ts";

interface File {
  readonly app: App;
  readonly database: SqliteDatabase;
  readonly subject: Subject;
  readonly file: SqliteSeen;
}

/** The files that could be looked at; one whose folder can't be reached is unknown. */
function* files(seen: Seen, scene: Scene): Iterable<File> {
  const found = [...sqliteIn(scene)].flatMap(({ app, database }) => {
    const file = seen.sqlite?.find((one) => one.app === appKey(app) && one.database === database.name);
    return file ? [{ app, database, subject: subjectOfDatabase(scene, app, database), file }] : [];
  });
  for (const one of found) if (!one.file.trouble) yield one;
  const unreached = found.find(({ file }) => file.trouble);
  if (unreached) throw new Unmeasured(unreached.file.trouble as string);
}

export const sqliteMissing = defineCheck({
  id: "sqlite.missing",
  follows: ["vol.bind.missing"],
  severity: "error",
  finds: "a SQLite file that isn't there, or is empty",
  about:
    "An app that doesn't find its file mostly makes a new, empty one and goes on, as if nothing had been there. The file is looked for where it is declared.",
  remedy:
    "See whether the folder is the one that the container mounts (a drive that isn't mounted leaves an empty one). Else restore: `tend restore APP newest`.",
  fixClass: "plan",
  *judge(seen, scene) {
    for (const { app, database, subject, file } of files(seen, scene)) {
      if (file.size !== undefined && file.size > 0) yield pass(subject);
      else if (!isHere(seen, scene, app)) yield skip(subject, `${app.name} was never started here`);
      else {
        const backed = seen.backups?.some((one) => one.app === appKey(app) && one.backups.length > 0);
        yield fail(subject, {
          title: `${app.name}'s database ${database.path} ${file.size === 0 ? "is empty" : "isn't there"}`,
          evidence: [
            `${database.path}: ${file.size === 0 ? "0 bytes" : "no such file"}${database.volume ? ` in the volume ${database.volume}` : ""}`,
            `its folder: owner and mode ${file.folder || "unknown"}`,
          ],
          cause: "it was removed or moved, its drive isn't mounted, or the app writes elsewhere",
          fix: backed
            ? {
                class: "plan",
                text: "if it isn't somewhere else: bring the newest backup back",
                operation: `tend restore ${app.name} newest --database ${database.name}`,
              }
            : { class: "person", text: "see which file the app has open, and declare that one" },
          reaches: [subjectOf(scene, app)],
        });
      }
    }
  },
});

export const sqliteIntegrity = defineCheck({
  id: "sqlite.integrity",
  severity: "error",
  finds: "a SQLite file that is damaged, or none at all",
  about:
    "How the file begins is always looked at; one of up to 32 MB is read whole by `PRAGMA integrity_check`. A larger one is checked by every backup and drill, not for a look.",
  remedy:
    "Stop the app, keep a copy of the file and of its -wal as they are, and restore the newest backup. What a damaged one still has can be read by `sqlite3 FILE .recover`.",
  fixClass: "plan",
  follows: ["sqlite.missing"],
  *judge(seen, scene) {
    for (const { app, database, subject, file } of files(seen, scene)) {
      if (!file.size) continue;
      if (file.isDatabase && file.read === undefined) {
        yield skip(subject, "it is too large to be read for a look, or nothing here can read it while the app runs");
      } else if (file.isDatabase && file.read?.sound) yield pass(subject);
      else {
        yield fail(subject, {
          title: file.isDatabase
            ? `${app.name}'s database ${database.path} is damaged`
            : `${app.name}'s database ${database.path} is no SQLite database`,
          evidence: [
            file.read?.said || "it doesn't begin with SQLite format 3",
            `${bytes(file.size)}, log of ${bytes(file.log)}`,
          ],
          fix: {
            class: "plan",
            text: "keep a copy of it as it is; then bring the newest backup back",
            operation: `tend restore ${app.name} newest --database ${database.name}`,
          },
          reaches: [subjectOf(scene, app)],
        });
      }
    }
  },
});

const LARGE = 64 * 1024 * 1024;

export const sqliteWal = defineCheck({
  id: "sqlite.wal",
  severity: "warning",
  finds: "a SQLite log that grows and isn't folded back into its file",
  about: `A reader that never ends keeps SQLite from folding its log (-wal) into the file: it grows without end, and reads get slower. Told from ${bytes(LARGE)} on, when it is larger than the file itself.`,
  remedy:
    "Restart the app: the log is folded in when it closes the file. Then look for the query, or the backup, that stays open.",
  fixClass: "plan",
  *judge(seen, scene) {
    for (const { app, database, subject, file } of files(seen, scene)) {
      if (file.size === undefined) continue;
      if (file.log < LARGE || file.log < file.size) yield pass(subject);
      else {
        yield fail(subject, {
          title: `the log of ${app.name}'s database ${database.path} has grown to ${bytes(file.log)}`,
          evidence: [`${database.path}-wal: ${bytes(file.log)}, ${database.path}: ${bytes(file.size)}`],
          cause: "somebody reads from it without end",
          fix: { class: "plan", text: "restart the app: the log is folded in then", operation: `tend restart ${app.name}` },
        });
      }
    }
  },
});

/** Seconds after which a refused write is history. */
const RECENT = 600;
const REFUSED = /attempt to write a readonly database|unable to open database file/;

export const sqliteAccess = defineCheck({
  id: "sqlite.access",
  severity: "error",
  finds: "a SQLite file that its app may not write",
  about:
    "SQLite writes beside its file, too (-wal, -journal): the folder has to be the app's. A file that was restored or copied by root often isn't. Told while the owner of the file or of its folder isn't the container's user and others may not write: an error once the app's log says that it was refused.",
  remedy: "Give the file, what stands beside it and its folder to the user that the container runs as.",
  fixClass: "person",
  follows: ["sqlite.missing", "vol.owner"],
  *judge(seen, scene) {
    for (const { app, database, subject, file } of files(seen, scene)) {
      if (file.size === undefined) continue;
      const own = [...apps(scene, seen.containers)].filter((one) => one.app === app);
      const lines = own.flatMap(({ container }) => linesOf(seen, container, "sqlite"));
      const line = lines.findLast(({ at, text }) => REFUSED.test(text) && scene.now.getTime() - Date.parse(at) < RECENT * 1000);
      const user = own.map(({ container }) => /^\d+/.exec(container.user)?.[0]).find((uid) => uid !== undefined && uid !== "0");
      const wrong = [file.owner, file.folder].some((owner) => user !== undefined && !mayWrite(owner, user));
      if (!wrong) yield pass(subject);
      else {
        yield fail(subject, {
          severity: line ? "error" : "warning",
          title: `${app.name} may not write its database ${database.path}: it runs as ${user}`,
          evidence: [...(line ? [line.text] : []), `the file is of ${file.owner}, its folder of ${file.folder}`],
          fix: {
            class: "person",
            text: "give both to it, with what stands beside the file:",
            commands: [chown(user as string, database, own)],
          },
          reaches: [subjectOf(scene, app)],
        });
      }
    }
  },
});

/** Of a volume, where the engine keeps it. */
function chown(user: string, { path, volume }: SqliteDatabase, own: readonly Owned[]): Script {
  const mount = own.flatMap(({ container }) => container.mounts).find(({ name }) => isVolume(name, volume));
  const file = posix.join(mount?.source ?? "", path);
  return sh`sudo chown ${user} ${remotePath(posix.dirname(file))} ${remotePath(file)}*`;
}

/** `1000:1000 644`: the owner may write, or everybody may. Groups are left to the kernel. */
function mayWrite(owner: string, user: string): boolean {
  const [, uid, mode = "0"] = /^(\d+):\d+ (\d+)$/.exec(owner) ?? [];
  const bits = Number.parseInt(mode, 8);
  return uid === undefined || (uid === user && (bits & 0o200) !== 0) || (bits & 0o022) !== 0;
}
