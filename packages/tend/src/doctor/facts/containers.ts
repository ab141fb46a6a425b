import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** A container as the engine knows it. Of its environment only what proxies read: the rest may be secret. */
export interface ContainerSeen {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly ref: string;
  readonly created: string;
  readonly state: "running" | "exited" | "restarting" | "paused" | "created" | "dead" | "removing";
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** The engine's own words on why it could not be started. */
  readonly error: string;
  readonly restarts: number;
  readonly health?: {
    readonly status: "healthy" | "unhealthy" | "starting" | "none";
    readonly streak: number;
    /** The newest probe, with the end of what it printed. */
    readonly last?: { readonly at: string; readonly exit: number; readonly output: string };
  };
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly intervalS: number;
    readonly startS: number;
    readonly retries: number;
  };
  readonly user: string;
  readonly restartPolicy: string;
  readonly memoryLimit: number;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly networkMode: string;
  readonly pidMode: string;
  readonly pid: number;
  readonly exposed: readonly string[];
  readonly published: readonly { readonly inside: string; readonly address: string; readonly port: number }[];
  readonly networks: Readonly<
    Record<string, { readonly id: string; readonly address: string; readonly aliases: readonly string[] }>
  >;
  readonly mounts: readonly {
    readonly type: string;
    readonly name: string;
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  readonly labels: Readonly<Record<string, string>>;
  /** VIRTUAL_HOST and its kin, and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** Compose's own, out of the labels. */
  readonly project?: string;
  readonly service?: string;
  readonly oneOff: boolean;
  readonly workingDir?: string;
  readonly configFiles?: string;
}

/** Variables that a proxy or an ACME companion reads from other containers: they are no secrets. */
const ROUTING = [
  "VIRTUAL_HOST",
  "VIRTUAL_PORT",
  "VIRTUAL_PATH",
  "VIRTUAL_DEST",
  "VIRTUAL_PROTO",
  "LETSENCRYPT_HOST",
  "HTTPS_METHOD",
  "TRUST_DOWNSTREAM_PROXY",
  "DEFAULT_HOST",
  "DOCKER_CONTAINER_FILTERS",
  "ACME_RENEW_AFTER",
];

const isRouting = `or ${ROUTING.map((name) => `(eq $name "${name}")`).join(" ")}`;

/** What is read, as one JSON line a container: a tenth of what `inspect` says, and no secret among it. What anybody may write is cut there. */
const FORMAT = [
  `{"id":{{json .ID}},"name":{{json .Name}},"image":{{json .Image}},"ref":{{json .Config.Image}},"created":{{json .Created}}`,
  `"state":{{json .State.Status}},"startedAt":{{json .State.StartedAt}},"finishedAt":{{json .State.FinishedAt}}`,
  `"exitCode":{{json .State.ExitCode}},"oomKilled":{{json .State.OOMKilled}},"error":{{json .State.Error}},"pid":{{json .State.Pid}}`,
  `"restarts":{{json .RestartCount}},"health":{{json .State.Health}},"check":{{json .Config.Healthcheck}},"user":{{json .Config.User}}`,
  `"policy":{{json .HostConfig.RestartPolicy.Name}},"memory":{{json .HostConfig.Memory}},"log":{{json .HostConfig.LogConfig}}`,
  `"privileged":{{json .HostConfig.Privileged}},"capAdd":{{json .HostConfig.CapAdd}},"networkMode":{{json .HostConfig.NetworkMode}}`,
  `"pidMode":{{json .HostConfig.PidMode}},"exposed":{{json .Config.ExposedPorts}},"ports":{{json .NetworkSettings.Ports}}`,
  `"networks":{{json .NetworkSettings.Networks}},"mounts":{{json .Mounts}},"labels":{{"{"}}{{range $key, $label := .Config.Labels}}{{json (printf "%.300s" $key)}}:{{json (printf "%.4000s" $label)}},{{end}}"":""}`,
  `"env":[{{range .Config.Env}}{{$name := index (split . "=") 0}}{{if ${isRouting}}}{{json (printf "%.4000s" .)}},{{end}}{{end}}null]}`,
].join(",");

interface Raw {
  id: string;
  name: string;
  image: string;
  ref: string;
  created: string;
  state: ContainerSeen["state"];
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  oomKilled: boolean;
  error: string;
  pid: number;
  restarts: number;
  health: { Status: string; FailingStreak: number; Log: { Start: string; ExitCode: number; Output: string }[] | null } | null;
  check: { Test: string[] | null; Interval?: number; StartPeriod?: number; Retries?: number } | null;
  user: string;
  policy: string;
  memory: number;
  log: { Type: string; Config: Record<string, string> | null };
  privileged: boolean;
  capAdd: string[] | null;
  networkMode: string;
  pidMode: string;
  exposed: Record<string, unknown> | null;
  ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  networks: Record<
    string,
    { NetworkID?: string; IPAddress: string; Aliases: string[] | null; DNSNames?: string[] | null }
  > | null;
  mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[] | null;
  labels: Record<string, string> | null;
  env: (string | null)[];
}

/** Every container of the host, whosever it is. */
export const containers = hostPart<readonly ContainerSeen[]>({
  script: () => sh`ids=$(docker ps -aq --no-trunc) || exit 1
[ -z "$ids" ] || docker container inspect --format ${FORMAT} $ids`,
  read: ({ exit, stdout, stderr }) => {
    // One that went away between the two calls is an error of inspect; the others are answered all the same.
    if (exit !== 0 && !/No such (object|container)/i.test(stderr)) {
      throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with status ${exit}`);
    }
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => read(JSON.parse(line) as Raw));
  },
});

const NANO = 1e9;
/** Docker keeps up to 4 kB of what a probe printed. */
const MOST_OUTPUT = 1000;

function read(raw: Raw): ContainerSeen {
  const { "": _, ...labels } = raw.labels ?? {};
  const newest = raw.health?.Log?.at(-1);
  return {
    id: raw.id,
    name: raw.name.replace(/^\//, ""),
    image: raw.image,
    ref: raw.ref,
    created: raw.created,
    state: raw.state,
    startedAt: raw.startedAt,
    finishedAt: raw.finishedAt,
    exitCode: raw.exitCode,
    oomKilled: raw.oomKilled,
    error: raw.error,
    pid: raw.pid,
    restarts: raw.restarts,
    health: raw.health
      ? {
          status: raw.health.Status as NonNullable<ContainerSeen["health"]>["status"],
          streak: raw.health.FailingStreak,
          last: newest && { at: newest.Start, exit: newest.ExitCode, output: newest.Output.slice(-MOST_OUTPUT) },
        }
      : undefined,
    healthcheck:
      raw.check?.Test && raw.check.Test[0] !== "NONE"
        ? {
            test: raw.check.Test,
            intervalS: (raw.check.Interval || 30 * NANO) / NANO,
            startS: (raw.check.StartPeriod ?? 0) / NANO,
            retries: raw.check.Retries || 3,
          }
        : undefined,
    user: raw.user,
    restartPolicy: raw.policy,
    memoryLimit: raw.memory,
    logDriver: raw.log.Type,
    logOptions: raw.log.Config ?? {},
    privileged: raw.privileged,
    capAdd: raw.capAdd ?? [],
    networkMode: raw.networkMode,
    pidMode: raw.pidMode,
    exposed: Object.keys(raw.exposed ?? {}),
    published: Object.entries(raw.ports ?? {}).flatMap(([inside, hosts]) =>
      (hosts ?? []).map(({ HostIp, HostPort }) => ({ inside, address: HostIp, port: Number(HostPort) })),
    ),
    networks: Object.fromEntries(
      Object.entries(raw.networks ?? {}).map(([name, { NetworkID = "", IPAddress, Aliases, DNSNames }]) => [
        name,
        { id: NetworkID, address: IPAddress, aliases: [...new Set([...(Aliases ?? []), ...(DNSNames ?? [])])] },
      ]),
    ),
    mounts: (raw.mounts ?? []).map(({ Type, Name, Source, Destination, RW }) => ({
      type: Type,
      name: Name ?? "",
      source: Source,
      target: Destination,
      writable: RW,
    })),
    labels,
    env: Object.fromEntries(
      raw.env.flatMap((entry) =>
        entry === null ? [] : [[entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]],
      ),
    ),
    project: labels["com.docker.compose.project"] || undefined,
    service: labels["com.docker.compose.service"] || undefined,
    oneOff: labels["com.docker.compose.oneoff"] === "True",
    workingDir: labels["com.docker.compose.project.working_dir"] || undefined,
    configFiles: labels["com.docker.compose.project.config_files"] || undefined,
  };
}
