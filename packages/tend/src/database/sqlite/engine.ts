import type { SqliteDatabase } from "../../model/data.ts";
import type { Engine } from "../engine.ts";
import { type SqliteFacts, sqliteProbe } from "./facts.ts";
import { drill, refuse, replace } from "./replacement.ts";
import { check, inspect, take } from "./take.ts";
import { takeStopped } from "./take-stopped.ts";

/** SQLite, in a file that the app's containers, or the host, can reach. */
export const sqlite: Engine<SqliteDatabase, SqliteFacts> = {
  kind: "sqlite",
  payload: "data.sqlite",
  take: (database, keepers) => take({ database, ...keepers }),
  takeStopped: (database, keepers) => takeStopped({ database, ...keepers }),
  check: (database, keepers) => check({ database, ...keepers }),
  schema: (database, keepers) => inspect({ database, ...keepers }),
  look: (database, keepers) => sqliteProbe({ database, ...keepers }),
  refuse,
  replace,
  drill,
};
