import { probe } from "../../observe/observe.ts";
import { sh } from "../../transport/argv.ts";
import type { Health, ServiceStatus } from "../runtime.ts";

export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly ref: string;
  readonly state: ServiceStatus["state"];
  readonly health: Health;
  readonly exitCode: number;
  readonly restarts: number;
  readonly started: string;
  readonly ports: readonly string[];
  readonly project?: string;
  readonly service?: string;
  readonly oneOff: boolean;
  readonly configHash?: string;
  /** Compose's project folder. */
  readonly workingDir?: string;
}

/**
 * One JSON line a container, only what tend reads: 50 containers are some 30 kB instead of half a megabyte. The names are
 * those of Docker's own types (`.ID`, not `.Id`): with any other, Docker falls back to raw JSON, where what is absent is an error.
 */
const FORMAT = [
  `{"id":{{json .ID}},"name":{{json .Name}},"image":{{json .Image}},"ref":{{json .Config.Image}},"state":{{json .State.Status}}`,
  `"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}"none"{{end}},"exit":{{json .State.ExitCode}}`,
  `"restarts":{{json .RestartCount}},"started":{{json .State.StartedAt}},"ports":{{json .NetworkSettings.Ports}}`,
  `"labels":[{{json (index .Config.Labels "com.docker.compose.project")}},{{json (index .Config.Labels "com.docker.compose.service")}}`,
  `{{json (index .Config.Labels "com.docker.compose.oneoff")}},{{json (index .Config.Labels "com.docker.compose.config-hash")}}`,
  `{{json (index .Config.Labels "com.docker.compose.project.working_dir")}}]}`,
].join(",");

interface RawContainer {
  id: string;
  name: string;
  image: string;
  ref: string;
  state: ServiceStatus["state"];
  health: string;
  exit: number;
  restarts: number;
  started: string;
  ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  labels: [string, string, string, string, string];
}

/** Every container of the host, in one call. The daemon's refusal is kept: it is the first thing a person must know. */
export const containersProbe = probe(
  sh`ids=$(docker ps -aq --no-trunc) || exit 1
[ -z "$ids" ] || docker container inspect --format ${FORMAT} $ids`,
  (seen) => {
    // A container that went away between the two calls is an error of inspect; the others are answered all the same.
    const gone = /No such (object|container)/i.test(seen.stderr);
    return {
      trouble: seen.exit === 0 || gone ? undefined : seen.stderr.trim() || `docker ended with status ${seen.exit}`,
      containers: seen.stdout.split("\n").filter(Boolean).map(read),
    };
  },
);

function read(line: string): ContainerFacts {
  const raw = JSON.parse(line) as RawContainer;
  const [project, service, oneOff, configHash, workingDir] = raw.labels;
  return {
    id: raw.id,
    name: raw.name.replace(/^\//, ""),
    image: raw.image,
    ref: raw.ref,
    state: raw.state,
    health: raw.health === "healthy" || raw.health === "unhealthy" || raw.health === "starting" ? raw.health : "none",
    exitCode: raw.exit,
    restarts: raw.restarts,
    started: raw.started,
    ports: publishedPorts(raw.ports),
    project: project || undefined,
    service: service || undefined,
    oneOff: oneOff === "True",
    configHash: configHash || undefined,
    workingDir: workingDir || undefined,
  };
}

function publishedPorts(ports: RawContainer["ports"]): readonly string[] {
  const published = Object.entries(ports ?? {}).flatMap(([inside, hosts]) =>
    (hosts ?? []).map((host) => `${host.HostPort}→${inside}`),
  );
  return [...new Set(published)];
}

/** How a service stands, judged by its containers; surge containers and other one-offs don't count. */
export function serviceStatus(service: string, containers: readonly ContainerFacts[]): ServiceStatus {
  const own = containers.filter((container) => container.service === service && !container.oneOff);
  const shown = own.find((container) => container.state === "running") ?? own[0];
  if (!shown) return { service, state: "absent", health: "none", restarts: 0, ports: [] };
  return {
    service,
    container: shown.name,
    state: shown.state,
    health: shown.health,
    exitCode: shown.state === "exited" ? shown.exitCode : undefined,
    restarts: shown.restarts,
    since: shown.started,
    ports: shown.ports,
    image: { ref: shown.ref, id: shown.image },
  };
}
