import type { PostgresDatabase } from "../../model/data.ts";
import type { Engine } from "../engine.ts";
import { refuse } from "./refuse.ts";
import { drill, replace } from "./replacement.ts";
import { type PostgresFacts, postgresProbe } from "./situation.ts";
import { check, schema, take } from "./take.ts";

/** PostgreSQL 12 and newer, in a container. */
export const postgres: Engine<PostgresDatabase, PostgresFacts> = {
  kind: "postgres",
  payload: "data.dump",
  take,
  check,
  schema,
  look: postgresProbe,
  refuse,
  replace,
  drill: (database, _facts, input) => drill(database, input),
};
