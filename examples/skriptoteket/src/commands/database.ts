import { withDatabase } from "../database.ts";
import { appliedVersions, pendingOf, readMigrations, upgrade } from "../migrate.ts";
import type { Command } from "./command.ts";

const FOLDER = new URL("../../migrations", import.meta.url).pathname;

export const databaseCommands: Record<string, Command> = {
  "db-upgrade": {
    summary: "apply every pending migration",
    run: (context) =>
      withDatabase(context.config.databaseUrl, async (database) => {
        const applied = await upgrade(database, await readMigrations(FOLDER));
        for (const { version, name } of applied) context.print(`applied ${version} ${name}`);
        if (applied.length === 0) context.print("nothing to apply");
      }),
  },
  "db-current": {
    summary: "print the newest applied migration, or none",
    run: (context) =>
      withDatabase(context.config.databaseUrl, async (database) => {
        context.print((await appliedVersions(database)).at(-1) ?? "none");
      }),
  },
  "db-pending": {
    summary: "print the migrations that db-upgrade would apply, one a line",
    run: (context) =>
      withDatabase(context.config.databaseUrl, async (database) => {
        const pending = pendingOf(await readMigrations(FOLDER), await appliedVersions(database));
        for (const { version, name } of pending) context.print(`${version} ${name}`);
      }),
  },
};
