import { z } from "zod";
import { appName, hostName } from "../../model/names.ts";
import { files, mapOf, named, path, plainName, section, text } from "../values.ts";
import { backups } from "./backups.ts";
import { contract } from "./contract.ts";
import { databases } from "./databases.ts";
import { files as keptFiles } from "./files.ts";
import { migrate } from "./migrate.ts";
import { services } from "./services.ts";
import { source } from "./source.ts";

const ENV_NAME = text("letters, digits and _", /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const ENV_VALUE = z
  .union([z.string(), z.number(), z.boolean()], { error: 'text; "" for an empty one' })
  .transform((given) => String(given));
const profile = text("a profile's name", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

/** What an app can do, a line each: its key and the schema that reads it. */
const capabilities = {
  source: source.optional(),
  services: services.optional(),
  databases: databases.optional(),
  files: keptFiles.optional(),
  migrate: migrate.optional(),
  backups: backups.prefault({}),
  contract: contract.optional(),
};

const whereItStands = {
  host: named<"host">(hostName).describe("The host that it runs on."),
  runtime: z
    .enum(["compose", "process"], { error: "compose or process" })
    .default("compose")
    .describe("What runs it: Docker Compose, or plain processes without any engine. Default: compose."),
  path: path.describe("Its folder on the host: absolute, ~/… or, on a local host, relative to this file."),
  compose: files.optional().describe("The compose file, or files in Compose's order, in that folder. Default: Compose's own."),
  project: text("a compose project's name: lower-case letters, digits, - and _", /^[a-z0-9][a-z0-9_-]{0,127}$/)
    .optional()
    .describe("Compose's project name, when it isn't what Compose would derive by itself."),
  env_file: files.optional().describe("The env file, or files, in that folder. Default: Compose's own .env."),
  profiles: z.array(profile, { error: "a list of profiles" }).optional().describe("The compose profiles in use."),
  env: mapOf(ENV_NAME, ENV_VALUE, "a map of variables")
    .optional()
    .describe("Variables for commands that run inside the app's containers."),
};

const environments = mapOf(
  plainName,
  z.looseObject(
    { environments: z.never({ error: "no environments inside an environment" }).optional() },
    { error: "a map with the keys that differ" },
  ),
  "a map of environments",
)
  .optional()
  .describe(
    "Variants such as dev and prod, by name: the keys that differ. Maps merge, other values replace, an empty value takes away.",
  );

export const app = section("a map with at least host and path", { ...whereItStands, ...capabilities, environments });

export const apps = mapOf(named<"app">(appName), app, "a map of apps").describe("What is deployed, by name.");
