import { z } from "zod";
import { bytesOf } from "../../contract/bytes-of.ts";
import {
  type Exception,
  RULE_NAMES,
  type RuleChange,
  type RuleChanges,
  type RuleName,
  SEVERITIES,
} from "../../model/contract.ts";
import { section, text } from "../values.ts";

/** One layer of a contract, as it was declared. */
export interface DeclaredContract {
  /** What it changes: `default`, `none` or a file; without it, the fleet's contract. */
  readonly base?: string;
  readonly rules: RuleChanges;
  readonly except: readonly Exception[];
}

const BASE = "default, none, or a file such as ./contracts/homelab.yaml";
const base = text(BASE, /^(default|none|(?!-)[^\n\r\t]{0,500}(\/[^\n\r\t]{1,500}|\.ya?ml))$/);

const severity = z
  .enum(SEVERITIES, { error: "error, warning or info" })
  .optional()
  .describe("How grave a breach is: error, warning or info.");

const SIZE = "a size such as 512m or 2g";
const size = z.union([z.string(), z.number()], { error: SIZE }).transform((given, context): number => {
  const found = bytesOf(String(given));
  if (found !== undefined && found > 0) return found;
  context.addIssue({ code: "custom", message: SIZE });
  return z.NEVER;
});

/** What each rule takes: on or off, how grave, and what is its own, in a word or as a map. */
function rule<R extends RuleName>(
  about: string,
  own: { readonly words?: readonly string[]; readonly key?: string; readonly shape?: z.ZodRawShape; readonly list?: z.ZodType },
) {
  const { words = [], key = "", shape = {}, list } = own;
  const said = ["required", "off", ...SEVERITIES, ...words];
  const expected = `${[...said, ...(list ? ["a list"] : [])].join(", ")} or a map with ${["severity", ...Object.keys(shape)].join(", ")}`;
  const word = z.enum(said as [string, ...string[]], { error: expected }).transform((given): object | "off" => {
    if (given === "off") return "off";
    if (given === "required") return {};
    return words.includes(given) ? { [key]: given } : { severity: given };
  });
  const map = section(expected, { ...shape, severity });
  const short = list ? [list.transform((given): object | "off" => ({ [key]: given }))] : [];
  return z
    .union([word, ...short, map] as [typeof word, typeof map], { error: expected })
    .transform((given) => given as RuleChange<R>)
    .optional()
    .describe(about);
}

function oneOf(words: readonly string[], about: string) {
  const error = words.join(" or ");
  return z
    .enum(words as [string, ...string[]], { error })
    .optional()
    .describe(about);
}

const POLICIES = ["always", "unless-stopped", "on-failure"] as const;
const policies = z
  .array(z.enum(POLICIES, { error: "always, unless-stopped or on-failure" }), { error: "a list of policies" })
  .min(1, { error: "at least one policy" });
const label = text("a label such as traefik.enable or platform.owner=anna", /^[A-Za-z0-9*][^\n\r\t]{0,300}$/);
const labels = z.array(label, { error: "a list of labels" }).min(1, { error: "at least one label" });
const networkName = text("a network's name, or proxy", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);
const networks = z.array(networkName, { error: "a list of networks" }).min(1, { error: "at least one network" });
const limit = { list: size, key: "most", shape: { most: size.optional().describe("At most so much: 512m, 2g.") } };

const rules = {
  memory: rule<"memory">("A memory limit; a size says how much at most.", limit),
  logs: rule<"logs">("A cap on each container's log; a size says how much at most.", limit),
  restart: rule<"restart">("A restart policy: those in the list. Default: always and unless-stopped.", {
    list: policies,
    key: "allow",
    shape: { allow: policies.optional().describe("The policies that will do.") },
  }),
  healthcheck: rule<"healthcheck">("A health check, with a tool that the image has.", {}),
  user: rule<"user">("A user that isn't root; declared: in the compose file.", {
    words: ["non-root", "declared"],
    key: "need",
    shape: { need: oneOf(["non-root", "declared"], "Whether the image's own user will do. Default: non-root.") },
  }),
  tags: rule<"tags">("Images by a tag that doesn't move; exact: down to the minor version; digest: with one.", {
    words: ["pinned", "exact", "digest"],
    key: "need",
    shape: { need: oneOf(["pinned", "exact", "digest"], "How far a tag is pinned. Default: pinned.") },
  }),
  ports: rule<"ports">("No database on a public port; all: no public port whatever.", {
    words: ["databases", "all"],
    key: "closed",
    shape: { closed: oneOf(["databases", "all"], "Which ports are not to be public. Default: databases.") },
  }),
  labels: rule<"labels">("Labels that services with a route must have. Default: off, since only a platform knows which.", {
    list: labels,
    key: "need",
    shape: {
      need: labels.optional().describe("Names, or name=value; * stands for any text."),
      on: oneOf(["routed", "all"], "Which services: those with a route, or all. Default: routed."),
    },
  }),
  network: rule<"network">("Services with a route are on these external networks. Default: that of their proxy.", {
    list: networks,
    key: "need",
    shape: { need: networks.optional().describe("Networks by their real names; proxy is that of the service's proxy.") },
  }),
  socket: rule<"socket">("No access to the engine's socket.", {}),
  secrets: rule<"secrets">("No secret written into the compose file.", {}),
  privileged: rule<"privileged">("Nothing privileged, and none of the host's own namespaces.", {}),
  volumes: rule<"volumes">("No anonymous volume.", {}),
};

const SERVICES = "a service, or a list of them";
const service = text("a service's name", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);
const RULES = `a rule: ${RULE_NAMES.join(", ")}`;
const name = z.enum(RULE_NAMES, { error: RULES });

const exception = section("a map with service, rule and because", {
  service: z
    .union([service, z.array(service, { error: SERVICES })], { error: SERVICES })
    .transform((given): readonly string[] => [given].flat())
    .describe("What the compose file calls it; or a list."),
  rule: z
    .union([name, z.array(name, { error: RULES })], { error: RULES })
    .transform((given): readonly RuleName[] => [given].flat())
    .describe("Which rule it needn't keep; or a list."),
  because: text("a reason", /^.{3,500}$/).describe("Why that is all right."),
}).transform((given): Exception => ({ services: given.service, rules: given.rule, because: given.because }));

const whole = section(`${BASE}, or a map of rules`, {
  base: base
    .optional()
    .describe("What this changes: default, none, or a file. Default: the fleet's contract; the fleet's own changes default."),
  ...rules,
  except: z
    .array(exception, { error: "a list of exceptions" })
    .optional()
    .describe("Services that needn't keep a rule, each with a reason."),
}).transform(({ base: changes, except = [], ...given }): DeclaredContract => ({ base: changes, rules: given, except }));

export const contract = z
  .union([base.transform((given): DeclaredContract => ({ base: given, rules: {}, except: [] })), whole], {
    error: `${BASE}, or a map of rules`,
  })
  .describe("What compose files are held to by tend check --contract: default, none, a file, or a map of rules that differ.");

/** A file of its own: the map alone, and no further file. */
export const contractFile: z.ZodType<DeclaredContract> = whole.refine(
  ({ base: changes }) => changes === undefined || changes === "default" || changes === "none",
  {
    error: "base: default or base: none in a contract's own file",
  },
);
