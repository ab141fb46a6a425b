import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { answering, declaredIn, subjectOfDatabase, subjectOfServer } from "../../databases.ts";
import type { Seen } from "../../facts/index.ts";
import { type LogLine, unescaped } from "../../facts/logs.ts";
import { fail, pass, type Verdict } from "../../finding.ts";
import { linesOf, tellsFrom } from "../../logged.ts";
import { apps } from "../../owner.ts";
import { type Scene, subjectOf } from "../../scene.ts";

/** Seconds after which a refusal is history, whether or not somebody has logged in since. */
const RECENT = 15 * 60;
const USER = /for user "([^"]+)"|user "([^"]+)", database/;

export const auth = defineCheck({
  id: "db.auth",
  severity: "error",
  finds: "a role that a database server refuses",
  about:
    "The role that tend acts as, the declared owner, and the roles that the apps log in with, as the logs of the server and of the apps tell. A refusal counts while nobody has come in with that role since, and neither the server nor the app was started anew.",
  remedy:
    "A password in an env file doesn't change the role's: `ALTER ROLE … PASSWORD` does, and the variable that made it worked on an empty data folder only. Set both to the same, and recreate the service.",
  fixClass: "person",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const server of seen.postgres ?? []) {
      const subject = subjectOfServer(seen, scene, server);
      if (server.trouble?.kind !== "refused") continue;
      yield fail(subject, {
        title: `${server.container} refuses ${server.user}, as which tend acts there: no backup can be made`,
        evidence: server.trouble.said.split("\n").slice(0, 2),
        fix: {
          class: "person",
          text: "declare a role that exists there and may create databases (user: of the database in tend.yaml). The image's own is what this prints, or postgres where it prints nothing:",
          commands: [sh`docker exec ${server.container} printenv POSTGRES_USER`],
        },
        reaches: [...declaredIn(scene, server)].map(({ app, database }) => subjectOfDatabase(scene, app, database)),
      });
    }
    for (const server of answering(seen)) {
      for (const { app, database } of declaredIn(scene, server)) {
        const { owner } = database;
        if (owner === undefined) continue;
        const subject = subjectOfDatabase(scene, app, database);
        if (server.roles.includes(owner)) yield pass(subject);
        else {
          yield fail(subject, {
            title: `${server.container} has no role ${owner}, which is to own ${database.database}`,
            evidence: [`asked as ${server.user}: ${owner} isn't in pg_roles`],
            fix: {
              class: "person",
              text: `make it, with the password that the app has: create role "${owner}" login, then \\password ${owner}, in a shell of the server`,
              operation: `tend db shell ${app.name} --database ${database.name}`,
            },
            reaches: [subjectOf(scene, app)],
          });
        }
      }
    }
    yield* refusedLogins(seen, scene);
  },
});

function* refusedLogins(seen: Seen, scene: Scene): Iterable<Verdict> {
  for (const server of answering(seen)) {
    for (const { app, database } of declaredIn(scene, server)) {
      const itself = seen.containers.filter(({ name }) => name === server.container);
      const own = [...apps(scene, seen.containers)].flatMap((one) => (one.app === app ? [one.container] : []));
      // Its own log names whoever tried: what isn't the app's may be a stranger.
      const told = itself.flatMap((one) => linesOf(seen, one, "login").filter(({ text }) => roleOf(text) === database.owner));
      const lines = [...own.flatMap((one) => linesOf(seen, one, "login")), ...told];
      // Who came in before the server's last start is no session any more; an app that was made anew may have another password.
      const from = Math.max(...itself.map(tellsFrom), Math.min(...own.map(tellsFrom)));
      const last = lines.filter((line) => Date.parse(line.at) >= from && isOpen(line, server.sessions, scene.now)).at(-1);
      if (!last || !server.roles.includes(roleOf(last.text) ?? "")) continue;
      const role = roleOf(last.text) as string;
      yield fail(subjectOfDatabase(scene, app, database), {
        title: `${server.container} refuses ${role}: ${app.name} logs in with a password that isn't the role's`,
        evidence: [last.text],
        cause: "the password in the app's env file and the role's own are not the same",
        fix: {
          class: "person",
          text: `give the role the password that the app has: \\password ${role}, in a shell of the database`,
          operation: `tend db shell ${app.name} --database ${database.name}`,
        },
        reaches: [subjectOf(scene, app)],
      });
    }
  }
}

function roleOf(text: string): string | undefined {
  const found = USER.exec(unescaped(text));
  return found?.[1] ?? found?.[2];
}

function isOpen({ at, text }: LogLine, sessions: Readonly<Record<string, string>>, now: Date): boolean {
  const cameIn = sessions[roleOf(text) ?? ""];
  if (cameIn !== undefined && Date.parse(cameIn) > Date.parse(at)) return false;
  return now.getTime() - Date.parse(at) < RECENT * 1000;
}
