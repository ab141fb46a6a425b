import { z } from "zod";
import { hostName } from "../../model/names.ts";
import { absolutePath, either, ipAddress, mapOf, named, path, section, text } from "../values.ts";

const alias = text("a name from ~/.ssh/config, or user@host", /^[A-Za-z0-9_:[][A-Za-z0-9_.@:%[\]/-]{0,254}$/);
const aliases = z
  .union([alias, z.array(alias, { error: "a list of names from ~/.ssh/config" }).min(1, { error: "at least one name" })], {
    error: "a name from ~/.ssh/config, or a list of them",
  })
  .transform((given): readonly string[] => (typeof given === "string" ? [given] : given))
  .describe("Names from ~/.ssh/config, or user@host, tried in order: the first that answers is used.");

const addresses = z
  .array(ipAddress, { error: "a list of IP addresses" })
  .describe("Where the world reaches it: what DNS should say. Default: its own public addresses, or what dns.echo answers.");

const EXPECTED = "local, or a map with ssh: [ALIAS, …]";

const settings = section(EXPECTED, {
  ssh: aliases.optional(),
  local: z.literal(true, { error: "true" }).optional().describe("The host is the machine that tend runs on."),
  docker: absolutePath
    .optional()
    .describe("Where the docker command is. Default: PATH, then the usual places, /snap/bin included."),
  addresses: addresses.optional(),
  state: path.optional().describe("Where tend keeps its journal and releases on this host. Default: ~/.local/state/tend."),
})
  .check(either("ssh", "local", "one of ssh: [ALIAS, …] or local: true"))
  .transform(({ ssh, docker, state, addresses }) => ({ ssh, docker, state, addresses }))
  .meta({ oneOf: [{ required: ["ssh"] }, { required: ["local"] }] });

const host = z
  .union(
    [
      z.literal("local").transform(() => ({ ssh: undefined, docker: undefined, state: undefined, addresses: undefined })),
      settings,
    ],
    {
      error: EXPECTED,
    },
  )
  .describe("A machine: local, or reached by ssh as your own ~/.ssh/config says.");

export const hosts = mapOf(named<"host">(hostName), host, "a map of hosts").describe("The machines, by name.");
export { host as hostSchema };
