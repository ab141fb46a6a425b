import { z } from "zod";
import { serviceName } from "../../model/names.ts";
import { named, section, words } from "../values.ts";

const BY_COMMAND = ["run", "pending"] as const;

export const migrate = section("a map with run: COMMAND, or at: start", {
  at: z
    .enum(["deploy", "start"], { error: "deploy or start" })
    .default("deploy")
    .describe("Whether a deploy migrates before it switches, or the app does when it starts. Default: deploy."),
  service: named<"service">(serviceName)
    .optional()
    .describe("The service whose image has the commands. Default: the app's only one."),
  run: words.optional().describe("The command that migrates, on one line, run without a shell. Needed, unless at is start."),
  head: words.optional().describe("A command that prints, as its last line, the migration that the database is at."),
  pending: words.optional().describe("A command that prints what is still to be applied, a line each, and nothing when all is."),
  seed: words
    .optional()
    .describe("What a new, empty database begins with, after tend db reset: a command that runs in the app once it answers."),
  reversible: z
    .boolean({ error: "true or false" })
    .default(false)
    .describe("Older code can live with the newer schema, so a rollback needs no older data. Default: false."),
})
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if (value.at === "deploy") {
      const message = "run: COMMAND, or at: start where the app migrates by itself";
      if (!value.run) issues.push({ code: "custom", path: ["run"], message, input: value, params: { spot: "key" } });
      return;
    }
    for (const key of BY_COMMAND.filter((key) => value[key])) {
      const says = `${key} doesn't go with at: start`;
      const message = "at: deploy, or no command: here the app migrates by itself";
      issues.push({ code: "custom", path: [key], message, input: value, params: { says, spot: "key" } });
    }
  })
  .describe("How the schema gets from one release to the next.");

export type DeclaredMigrate = z.output<typeof migrate>;
