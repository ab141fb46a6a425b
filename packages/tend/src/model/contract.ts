/**
 * What an operator asks of compose files: the platform's contract with the apps on it. A rule that is absent is off.
 */
export interface Contract {
  /** Where it was declared, for people: `the default contract`, `contracts/homelab.yaml`. */
  readonly from: string;
  readonly rules: Rules;
  readonly except: readonly Exception[];
}

export const SEVERITIES = ["error", "warning", "info"] as const;
export type ContractSeverity = (typeof SEVERITIES)[number];

interface Asked {
  readonly severity: ContractSeverity;
}

export interface Rules {
  /** A memory limit; at most so many bytes. */
  readonly memory?: Asked & { readonly most?: number };
  /** A cap on what the engine keeps of the log; at most so many bytes. */
  readonly logs?: Asked & { readonly most?: number };
  readonly restart?: Asked & { readonly allow: readonly RestartPolicy[] };
  /** A health check, with a tool that the image has. */
  readonly healthcheck?: Asked;
  readonly user?: Asked & { readonly need: "non-root" | "declared" };
  readonly tags?: Asked & { readonly need: TagNeed };
  readonly ports?: Asked & { readonly closed: "databases" | "all" };
  /** Labels by name, `*` for any text; `name=value` also asks for the value. */
  readonly labels?: Asked & { readonly need: readonly string[]; readonly on: "routed" | "all" };
  /** External networks by their real names; `proxy` is that of the proxy that routes to the service. */
  readonly network?: Asked & { readonly need: readonly string[] };
  readonly socket?: Asked;
  readonly secrets?: Asked;
  readonly privileged?: Asked;
  readonly volumes?: Asked;
}

export type RestartPolicy = "always" | "unless-stopped" | "on-failure";
/** pinned: no moving name; exact: down to the minor version, or a commit; digest: with the image's digest. */
export type TagNeed = "pinned" | "exact" | "digest";

export type RuleName = keyof Rules;

export const RULE_NAMES = [
  "memory",
  "logs",
  "restart",
  "healthcheck",
  "user",
  "tags",
  "ports",
  "labels",
  "network",
  "socket",
  "secrets",
  "privileged",
  "volumes",
] as const satisfies readonly RuleName[];

/** A service that is let off, and why. */
export interface Exception {
  readonly services: readonly string[];
  readonly rules: readonly RuleName[];
  readonly because: string;
}

/** What a rule asks for where it is on, and nothing more is said. */
export const WHEN_ON: { readonly [R in RuleName]-?: NonNullable<Rules[R]> } = {
  memory: { severity: "error" },
  logs: { severity: "warning" },
  restart: { severity: "warning", allow: ["always", "unless-stopped"] },
  healthcheck: { severity: "warning" },
  user: { severity: "warning", need: "non-root" },
  tags: { severity: "error", need: "pinned" },
  ports: { severity: "error", closed: "databases" },
  labels: { severity: "error", need: [], on: "routed" },
  network: { severity: "error", need: ["proxy"] },
  socket: { severity: "error" },
  secrets: { severity: "error" },
  privileged: { severity: "error" },
  volumes: { severity: "error" },
};

/** Every rule, except that only a platform knows which labels it needs. */
export const DEFAULT_CONTRACT: Contract = {
  from: "the default contract",
  rules: Object.fromEntries(Object.entries(WHEN_ON).filter(([name]) => name !== "labels")),
  except: [],
};

/** Of an app that says so: `contract: none`. */
export const NO_CONTRACT: Contract = { from: "no contract", rules: {}, except: [] };

/** A layer of a contract: what it changes. */
export type RuleChange<R extends RuleName> = "off" | Partial<NonNullable<Rules[R]>>;
export type RuleChanges = { readonly [R in RuleName]?: RuleChange<R> };

/** The contract with a layer over it: what the layer doesn't name stays. */
export function changedBy(
  base: Contract,
  layer: { readonly from: string; readonly rules: RuleChanges; readonly except: readonly Exception[] },
): Contract {
  const rules = { ...base.rules } as Record<RuleName, object | undefined>;
  for (const name of RULE_NAMES) {
    const change: RuleChange<RuleName> | undefined = layer.rules[name];
    if (change === "off") delete rules[name];
    else if (change !== undefined) rules[name] = { ...WHEN_ON[name], ...rules[name], ...given(change) };
  }
  return { from: layer.from, rules: rules as Rules, except: [...base.except, ...layer.except] };
}

function given(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
