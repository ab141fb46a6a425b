import { choose, collect, nearest, readAbout } from "../../../backup/collect.ts";
import { look } from "../../../carry-out.ts";
import { engineOf } from "../../../database/index.ts";
import { Failure } from "../../../model/failure.ts";
import { appName, subjectName } from "../../../model/names.ts";
import { prelude } from "../../../observe/place.ts";
import { defineOperation } from "../../../operation.ts";
import { flag, position, usage } from "../../../params.ts";
import { compareSchemas } from "../../../schema/compare.ts";
import { parseObjects } from "../../../schema/objects.ts";
import { differenceLines } from "../../../schema/show.ts";
import { Session } from "../../../session.ts";
import { lines } from "../../../transport/argv.ts";
import { oneDatabase } from "../which.ts";

const WHAT = "APP, APP.ENVIRONMENT, APP/DATABASE, or any of these with @BACKUP";

export const dbDiff = defineOperation({
  kind: "report",
  name: "db diff",
  summary: "Compare the schemas of two databases, or of a backup, object by object",
  details: `Tables, columns with type, default and null, constraints, indexes, triggers, functions, views, extensions and what else
a schema has: each difference is named with its table. An environment stands after a dot, a database after a slash, a backup
after an @. Exits 3 when the two differ.`,
  effect: "reads",
  params: {
    left: { ...position("left", WHAT), required: true },
    right: { ...position("right", WHAT), required: true },
    owners: flag("owners and privileges count too"),
  },
  examples: [
    { command: "tend db diff legal.dev legal", explains: "does production have all that development has?" },
    { command: "tend db diff legal legal@7f3a", explains: "what changed since that backup" },
  ],
  async report(session, input) {
    const [left, right] = await Promise.all([input.left, input.right].map((given) => schemaOf(session, given ?? "")));
    const differences = compareSchemas(parseObjects(left ?? ""), parseObjects(right ?? ""), { owners: input.owners });
    const sides = { left: input.left ?? "", right: input.right ?? "" };
    return {
      data: { ...sides, same: differences.length === 0, differences },
      lines:
        differences.length === 0
          ? [`${sides.left} and ${sides.right} have the same schema, object by object`]
          : [
              ...differenceLines(differences, sides),
              `${differences.length} ${differences.length === 1 ? "difference" : "differences"}`,
            ],
      exit: differences.length > 0 ? 3 : 0,
    };
  },
});

const REF = /^([a-z0-9_-]+)(?:\.([a-z0-9_-]+))?(?:\/([a-z0-9_-]+))?(?:@(.+))?$/;

/** The lines of a schema's objects: of a database as it is now, or as a backup tells. */
async function schemaOf(session: Session, given: string): Promise<string> {
  const [, app = "", environment, database, backup] = REF.exec(given) ?? [];
  const name = appName.parse(app);
  if (!name) throw usage(`"${given}" names no database`, `expected ${WHAT}`);
  const own = environment === undefined ? session : new Session({ ...session.options, environment });
  try {
    const place = await own.place(name);
    const subject = oneDatabase(place.app, database === undefined ? undefined : subjectName.parse(database));
    const transport = await own.transport(place.host);
    if (backup !== undefined) {
      const entry = choose(place, await collect(place, transport), subject.name, backup === "newest" ? undefined : backup);
      return await readAbout(place, nearest(place, entry), transport);
    }
    const situation = await look(place, {}, transport);
    const script = engineOf(subject).schema?.(subject, situation.keepers("diff"));
    const output = script && (await transport.run(lines([prelude(place.host), script])));
    if (output?.exit === 0) return output.stdout;
    throw new Failure({
      id: "database.unreachable",
      exit: "refused",
      title: `the schema of ${given} can't be read`,
      where: `${place.host.name} · ${place.app.name} · ${subject.name}`,
      evidence: output?.stderr.trim().split("\n").slice(0, 5),
      changed: "nothing",
    });
  } finally {
    if (own !== session) await own.close();
  }
}
