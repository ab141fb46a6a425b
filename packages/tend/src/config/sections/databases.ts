import { z } from "zod";
import type { PostgresDatabase, SqliteDatabase } from "../../model/data.ts";
import { container, databaseId, subjectName } from "../../model/names.ts";
import { either, mapOf, named, section, text, volumeName } from "../values.ts";
import { insideVolume, sqliteFile } from "./sqlite-file.ts";

/** A database as declared: its name is its key, and PostgreSQL's name for it may be the app's. */
export type DeclaredDatabase =
  | (Omit<PostgresDatabase, "name" | "database"> & Partial<Pick<PostgresDatabase, "database">>)
  | Omit<SqliteDatabase, "name">;

const id = named<"database">(databaseId);
const extension = text("an extension's name, such as citext", /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/);
const image = text(
  "an image, such as python:3.13-slim",
  /^(?=.{1,400}$)[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
);

const POSTGRES = "a map with container";

const postgres = section(
  (given) => (isAddress(given) ? `${POSTGRES}: tend asks the server in its container, not at an address` : POSTGRES),
  {
    container: named<"container">(container).describe("The container that the server runs in; apps may share it."),
    name: id.optional().describe("What PostgreSQL calls the database. Default: the app's name."),
    user: id
      .prefault("postgres")
      .describe("The role that tend acts as, over the container's own socket: one that may create databases. Default: postgres."),
    owner: id.optional().describe("The role that is to own the database. Default: user."),
    extensions: z
      .array(extension, { error: "a list of extensions" })
      .prefault([])
      .describe("The extensions that it needs: uuid-ossp, citext."),
  },
)
  .transform(({ container, name, user, owner, extensions }) => {
    return { kind: "postgres" as const, container, database: name, user, owner, extensions: [...new Set(extensions)] };
  })
  .describe("A PostgreSQL database in a container.");

const sqlite = z
  .union(
    [
      sqliteFile.transform((path) => ({ path, volume: undefined, helper: undefined })),
      section("the file's path, or a map with path", {
        path: sqliteFile.describe("The file: on the host as an app's path is, or inside the volume."),
        volume: volumeName
          .optional()
          .describe("The named volume that the file is in, as Docker calls it or as the compose file does."),
        helper: image
          .optional()
          .describe("An image with sqlite3, python3 or node, where neither the app's container nor the host has one."),
      }).check(insideVolume),
    ],
    { error: "the file's path, or a map with path" },
  )
  .transform((given) => ({ kind: "sqlite" as const, ...given }))
  .describe("A SQLite database: the file's path on the host, or a map.");

const database = section("a map with postgres or sqlite", { postgres: postgres.optional(), sqlite: sqlite.optional() })
  .check(either("postgres", "sqlite", "one of postgres: { container: … } or sqlite: PATH"))
  .transform(({ postgres, sqlite }) => (postgres ?? sqlite) as DeclaredDatabase)
  .meta({ oneOf: [{ required: ["postgres"] }, { required: ["sqlite"] }] });

export const databases = mapOf(named<"subject">(subjectName), database, "a map of databases").describe(
  "What the app keeps in databases, by name: tend backs them up, and restores them.",
);

function isAddress(given: unknown): boolean {
  return typeof given === "string" && given.includes("://");
}
