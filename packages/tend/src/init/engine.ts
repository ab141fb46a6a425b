import { posix } from "node:path";
import { probe } from "../observe/observe.ts";
import { isOverlay } from "../runtime/compose/place.ts";
import { sh } from "../transport/argv.ts";
import { addressOf, POSTGRES_SCHEMES, SQLITE_SCHEMES } from "./address.ts";
import { addressesOf } from "./compose-text.ts";
import { type FoundService, PLAIN_ENV } from "./found.ts";

/** A container, and the compose project that made it. */
export interface FoundContainer {
  readonly service: FoundService;
  readonly running: boolean;
  /** Of a project, a swarm, or nobody's. */
  readonly of?: {
    readonly project: string;
    readonly folder: string;
    readonly files: readonly string[];
    readonly envFiles: readonly string[];
  };
  readonly oneOff: boolean;
}

const among = (variable: string, names: readonly string[]) => `(eq ${variable} ${names.map((name) => `"${name}"`).join(" ")})`;

/**
 * Of a container's variables only those that say where things are. An address is taken apart here, on its host:
 * what stands between its user and its `@` is the password, and never leaves. Where a `?` or a second `@` leaves it
 * open which is which, nothing is said of it.
 */
const ENV = [
  `{{range .Config.Env}}{{$p := split . "="}}{{$n := index $p 0}}{{$v := join (slice $p 1) "="}}{{$u := split $v "://"}}`,
  `{{$s := index (split (index $u 0) "+") 0}}{{if ${among("$n", PLAIN_ENV)}}}{"name":{{json $n}},"value":{{json $v}}},`,
  `{{else if gt (len $u) 1}}{{if or ${among("$s", POSTGRES_SCHEMES)} ${among("$s", SQLITE_SCHEMES)}}}`,
  `{{$last := ""}}{{range split $v "@"}}{{$last = .}}{{end}}{{$last = index (split $last "?") 0}}`,
  `{{$rest := ""}}{{range split (index (split $v "?") 0) "@"}}{{$rest = .}}{{end}}{{if ne $rest $last}}{{$rest = ""}}{{end}}`,
  `{{$user := ""}}{{$login := split (index $u 1) "@"}}{{if and $rest (gt (len $login) 1)}}{{$user = index (split (index $login 0) ":") 0}}{{end}}`,
  `{"scheme":{{json $s}},"user":{{json $user}},"rest":{{json $rest}}},{{end}}{{end}}{{end}}null`,
].join("");

const FORMAT = [
  `{"name":{{json .Name}},"image":{{json .Config.Image}},"state":{{json .State.Status}},"exit":{{json .State.ExitCode}}`,
  `"policy":{{json .HostConfig.RestartPolicy.Name}},"check":{{json .Config.Healthcheck}},"exposed":{{json .Config.ExposedPorts}}`,
  `"ports":{{json .HostConfig.PortBindings}},"networks":{{json .NetworkSettings.Networks}},"mounts":{{json .Mounts}}`,
  `"labels":{{json .Config.Labels}},"env":[${ENV}]}`,
].join(",");

interface Raw {
  name: string;
  image: string;
  state: string;
  exit: number;
  policy: string;
  check: { Test?: string[] | null } | null;
  exposed: Record<string, unknown> | null;
  ports: Record<string, unknown> | null;
  networks: Record<string, { Aliases?: string[] | null }> | null;
  mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[] | null;
  labels: Record<string, string> | null;
  env: ({ name: string; value: string } | { scheme: string; user: string; rest: string } | null)[];
}

/** Every container of the host, in one call. */
export const engineProbe = probe(
  sh`ids=$(docker ps -aq --no-trunc) || exit 1
[ -z "$ids" ] || docker container inspect --format ${FORMAT} $ids`,
  ({ exit, stdout, stderr }) => {
    const gone = /No such (object|container)/i.test(stderr);
    return {
      trouble: exit === 0 || gone ? undefined : stderr.trim() || `docker ended with status ${exit}`,
      containers: stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => read(JSON.parse(line) as Raw)),
    };
  },
);

const COMPOSE = "com.docker.compose";

function read(raw: Raw): FoundContainer {
  const labels = raw.labels ?? {};
  const project = labels[`${COMPOSE}.project`];
  const folder = labels[`${COMPOSE}.project.working_dir`] ?? "";
  // Compose's first version named files as they were given: from the folder on.
  const paths = (label: string) =>
    (labels[`${COMPOSE}.project.${label}`] ?? "")
      .split(",")
      .filter(Boolean)
      .map((file) => posix.resolve(folder, file));
  const name = raw.name.replace(/^\//, "");
  const env = Object.fromEntries(raw.env.flatMap((one) => (one && "name" in one ? [[one.name, one.value]] : [])));
  const addresses = raw.env.flatMap((one) => (one && "scheme" in one ? (addressOf(one) ?? []) : []));
  return {
    running: raw.state === "running",
    oneOff: labels[`${COMPOSE}.oneoff`] === "True",
    // tend's own overlays are laid over the files for one run: they aren't the app's.
    of: project
      ? {
          project,
          folder,
          files: paths("config_files").filter((file) => !isOverlay(file)),
          envFiles: paths("environment_file"),
        }
      : undefined,
    service: {
      name: labels[`${COMPOSE}.service`] ?? name,
      container: name,
      image: raw.image,
      built: false,
      done: raw.state === "exited" && raw.exit === 0 && (raw.policy === "no" || raw.policy === ""),
      env,
      addresses: addresses.length > 0 ? addresses : addressesOf({}, env),
      labels,
      published: portsOf(raw.ports),
      exposed: portsOf(raw.exposed),
      mounts: (raw.mounts ?? []).flatMap(mountOf),
      health: raw.check?.Test && raw.check.Test[0] !== "NONE" ? raw.check.Test : [],
      networks: Object.fromEntries(
        Object.entries(raw.networks ?? {}).map(([network, { Aliases }]) => [network, [name, ...(Aliases ?? [])]]),
      ),
      dependsOn: (labels[`${COMPOSE}.depends_on`] ?? "").split(",").flatMap((one) => one.split(":")[0] || []),
      profiles: [],
    },
  };
}

function mountOf({ Type, Name, Source, Destination, RW }: NonNullable<Raw["mounts"]>[number]): FoundService["mounts"] {
  const from = Type === "volume" ? { volume: Name ?? "" } : { path: Source };
  if (Type !== "volume" && Type !== "bind") return [];
  return [{ from, target: Destination, writable: RW, isFile: false, sqlite: [], others: true, unseen: true }];
}

function portsOf(ports: Record<string, unknown> | null): readonly number[] {
  return Object.keys(ports ?? {}).flatMap((key) => (/^\d+\/tcp$/.test(key) ? [Number.parseInt(key, 10)] : []));
}
