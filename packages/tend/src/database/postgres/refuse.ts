import type { PostgresDatabase } from "../../model/data.ts";
import { Failure, type FailureParts } from "../../model/failure.ts";
import type { Incoming } from "../engine.ts";
import type { PostgresFacts } from "./situation.ts";

/** What would end a restore half-way is refused before anything begins. */
export function refuse(database: PostgresDatabase, facts: PostgresFacts, { manifest, about }: Incoming): void {
  const no = (parts: Pick<FailureParts, "id" | "title" | "evidence" | "why" | "help">) => {
    throw new Failure({ exit: "refused", where: database.container, changed: "nothing", ...parts });
  };
  if (facts.trouble) throw unreachable(database, facts.trouble);
  if (!facts.superuser) {
    no({
      id: "restore.roles",
      title: `${database.user} is no superuser of the server in ${database.container}`,
      why: "a restore makes and renames databases, gives them their owners, and sends away who is connected",
      help: `name one that is: apps.APP.databases.${database.name}.postgres.user in tend.yaml`,
    });
  }
  const theirs = Number(/PostgreSQL (\d+)/.exec(manifest.versions.join(" "))?.[1] ?? 0);
  const ours = Math.floor(facts.version / 10_000);
  if (theirs > ours) {
    no({
      id: "restore.version",
      title: `${manifest.name} is of PostgreSQL ${theirs}, the server in ${database.container} is ${facts.server}`,
      why: "an older pg_restore can't read a newer archive",
      help: `restore it into a server of version ${theirs} or newer`,
    });
  }
  const roles = told(about, "role").filter((role) => !facts.roles.includes(role));
  if (roles.length > 0) {
    no({
      id: "restore.roles",
      title: `the server has no role ${roles.join(", ")}`,
      evidence: told(about, "global").filter((line) => roles.some((role) => line.startsWith(`CREATE ROLE ${role}`))),
      why: "what belongs to them in the backup could not be restored",
      help: `create them first: docker exec ${database.container} createuser --username ${database.user} ${roles[0]}`,
    });
  }
  const extensions = objects(about, "extension").filter((name) => !facts.extensions.includes(name));
  if (extensions.length > 0) {
    no({
      id: "restore.extensions",
      title: `the server in ${database.container} has no extension ${extensions.join(", ")}`,
      why: "its image doesn't bring it along",
      help: "use an image of PostgreSQL that has it",
    });
  }
  const needed = sizeOf(about) ?? facts.database?.bytes ?? 0;
  if (facts.free !== undefined && facts.free < needed * 1.1 + 32 * 1024 * 1024) {
    no({
      id: "disk.full",
      title: `there is no room for a second copy of ${database.database}`,
      evidence: [
        `it takes ${megabytes(needed)} MB, ${megabytes(facts.free)} MB are free where ${database.container} keeps its data`,
      ],
      why: "a backup is restored beside what is live, and takes its place only when it was compared",
      help: "on the host: docker system df",
    });
  }
}

export function unreachable(database: PostgresDatabase, trouble: string): Failure {
  return new Failure({
    id: "database.unreachable",
    exit: "refused",
    title: `PostgreSQL in ${database.container} can't be asked`,
    where: database.container,
    evidence: trouble.split("\n").slice(-4),
    changed: "nothing",
  });
}

function told(about: string, key: string): readonly string[] {
  return about.split("\n").flatMap((line) => {
    if (!line.startsWith(`{"${key}":`)) return [];
    return [String((JSON.parse(line) as Record<string, unknown>)[key])];
  });
}

function objects(about: string, kind: string): readonly string[] {
  return about.split("\n").flatMap((line) => {
    if (!line.startsWith(`{"object":["${kind}"`) && !line.startsWith(`{"object": ["${kind}"`)) return [];
    return [(JSON.parse(line) as { object: [string, string] }).object[1].replace(/^"(.*)"$/, "$1")];
  });
}

function sizeOf(about: string): number | undefined {
  const line = about.split("\n").find((one) => one.startsWith('{"size":'));
  return line === undefined ? undefined : (JSON.parse(line) as { size: number }).size;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}
