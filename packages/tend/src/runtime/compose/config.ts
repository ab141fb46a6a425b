/** What tend needs of Compose's own resolution of the compose files: `docker compose config --format json`. */
export interface ComposeConfig {
  readonly project: string;
  readonly services: ReadonlyMap<string, ComposeService>;
  /** Networks that Compose expects to be there already, by their real names. */
  readonly externalNetworks: readonly string[];
  /** Real network names by their keys in the file. */
  readonly networks: ReadonlyMap<string, string>;
}

export interface ComposeService {
  readonly name: string;
  readonly image: string;
  readonly built: boolean;
  readonly containerName?: string;
  readonly networks: ReadonlyMap<string, { readonly aliases: readonly string[]; readonly fixedAddress: boolean }>;
  readonly networkMode?: string;
  /** Published on the host, such as `8080→80/tcp`. */
  readonly hostPorts: readonly string[];
  /** Seconds; `test` is as Compose writes it, with `$` doubled. */
  readonly healthcheck?: { readonly test: readonly string[]; readonly interval: number; readonly startPeriod: number };
  readonly dependsOn: readonly string[];
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface RawConfig {
  name: string;
  services?: Record<string, RawService>;
  networks?: Record<string, { name?: string; external?: boolean } | null>;
}
interface RawService {
  image?: string;
  build?: unknown;
  container_name?: string;
  networks?: Record<string, { aliases?: string[]; ipv4_address?: string; ipv6_address?: string } | null>;
  network_mode?: string;
  ports?: { published?: string; target: number; protocol?: string }[];
  healthcheck?: { disable?: boolean; test?: string[]; interval?: string; start_period?: string };
  depends_on?: Record<string, unknown>;
  scale?: number;
  deploy?: { replicas?: number };
  labels?: Record<string, string>;
}

/** Throws SyntaxError when it isn't JSON. */
export function parseConfig(json: string): ComposeConfig {
  const raw = JSON.parse(json) as RawConfig;
  const networks = new Map(Object.entries(raw.networks ?? {}).map(([key, network]) => [key, network?.name ?? key]));
  return {
    project: raw.name,
    services: new Map(Object.entries(raw.services ?? {}).map(([name, service]) => [name, readService(raw.name, name, service)])),
    networks,
    externalNetworks: Object.entries(raw.networks ?? {})
      .filter(([, network]) => network?.external)
      .map(([key]) => networks.get(key) as string),
  };
}

function readService(project: string, name: string, raw: RawService): ComposeService {
  const health = raw.healthcheck;
  const hasHealth = health && !health.disable && health.test?.[0] !== "NONE";
  return {
    name,
    image: raw.image ?? `${project}-${name}`,
    built: raw.build !== undefined,
    containerName: raw.container_name,
    networks: new Map(
      Object.entries(raw.networks ?? {}).map(([key, network]) => [
        key,
        { aliases: network?.aliases ?? [], fixedAddress: Boolean(network?.ipv4_address || network?.ipv6_address) },
      ]),
    ),
    networkMode: raw.network_mode,
    hostPorts: (raw.ports ?? []).map((port) => `${port.published ?? "any"}→${port.target}/${port.protocol ?? "tcp"}`),
    healthcheck: hasHealth
      ? { test: health.test ?? [], interval: seconds(health.interval) ?? 30, startPeriod: seconds(health.start_period) ?? 0 }
      : undefined,
    dependsOn: Object.keys(raw.depends_on ?? {}),
    replicas: raw.deploy?.replicas ?? raw.scale ?? 1,
    labels: raw.labels ?? {},
  };
}

/** Go's duration text, such as `1m30s`, in seconds. */
function seconds(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const unit = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 } as const;
  let total = 0;
  for (const [, amount, of] of text.matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g))
    total += Number(amount) * unit[of as keyof typeof unit];
  return total;
}

/** The services asked for and what they need, each after what it depends on; cycles are Compose's to refuse. */
export function inStartOrder(config: ComposeConfig, names: readonly string[]): readonly string[] {
  const done: string[] = [];
  const visit = (name: string, seen: ReadonlySet<string>) => {
    if (done.includes(name) || seen.has(name)) return;
    for (const needed of config.services.get(name)?.dependsOn ?? []) visit(needed, new Set([...seen, name]));
    done.push(name);
  };
  for (const name of names) visit(name, new Set());
  return done;
}

/** Messages that Compose logs beside its answer: variables it had to leave blank. */
export function unsetVariables(stderr: string): readonly string[] {
  const names = [...stderr.matchAll(/The \\?"([A-Za-z_][A-Za-z0-9_]*)\\?" variable is not set/g)].map(
    (match) => match[1] as string,
  );
  return [...new Set(names)];
}
