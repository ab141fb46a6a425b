import { withDatabase } from "../database.ts";
import { readScripts, seed } from "../script-bank.ts";
import { clearSessionFiles } from "../sessions.ts";
import { authenticate } from "../users.ts";
import { type Command, options } from "./command.ts";

const FOLDER = new URL("../../script-bank", import.meta.url).pathname;

export const artifactCommands: Record<string, Command> = {
  "seed-script-bank": {
    summary: "add the tools that come with the app: --actor-email, --actor-password, --sync-code, --dry-run",
    run: ({ config, args, print }) => {
      const given = options(args, ["actor-email", "actor-password"], ["sync-code", "dry-run"]);
      return withDatabase(config.databaseUrl, async (database) => {
        const actor = await authenticate(database, given["actor-email"], given["actor-password"]);
        const said = await seed(database, await readScripts(FOLDER), {
          artifacts: config.artifacts,
          actor,
          syncCode: given["sync-code"],
          dryRun: given["dry-run"],
        });
        for (const line of said) print(line);
        if (said.length === 0) print("nothing to add");
      });
    },
  },
  "clear-all-session-files": {
    summary: "remove what visitors have handed in",
    run: async ({ config, args, print }) => {
      options(args, []);
      print(`removed the files of ${await clearSessionFiles(config.artifacts)} sessions`);
    },
  },
};
