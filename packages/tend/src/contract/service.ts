import { healthcheckOf } from "../compose-files/healthcheck.ts";
import { unsettledIn, withoutMarks } from "../compose-files/interpolate.ts";
import { asList, asMap, asText, isYes, type RawService } from "../compose-files/raw.ts";
import { bytesOf } from "./bytes-of.ts";

/** A compose service as the rules see it: resolved, short forms spelt out. Of its environment nothing: that may be secret. */
export interface ComposedService {
  readonly name: string;
  /** The container's name, where the file fixes it. */
  readonly container?: string;
  readonly image?: string;
  readonly built: boolean;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly inline?: string;
    readonly target?: string;
  };
  readonly restart?: string;
  /** Of `deploy:`, used where `restart` isn't given. */
  readonly restartCondition?: string;
  readonly memory?: number;
  readonly logging?: { readonly driver?: string; readonly options: Readonly<Record<string, string>> };
  /** "off" where it is switched off. */
  readonly healthcheck?: readonly string[] | "off";
  readonly user?: string;
  readonly ports: readonly (Item & { readonly target: string; readonly published?: string; readonly address?: string })[];
  readonly labels: Readonly<Record<string, string>>;
  /** Keys of the file's networks. */
  readonly networks: readonly string[];
  readonly networkMode?: string;
  readonly volumes: readonly (Item & { readonly type: string; readonly source?: string; readonly target: string })[];
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly pid?: string;
  readonly ipc?: string;
  readonly securityOpt: readonly string[];
  /** By key: variables that had no value where it was resolved. */
  readonly unsettled: ReadonlyMap<string, readonly string[]>;
}

/** One of a list: another's variable says nothing about it. */
interface Item {
  readonly unsettled: readonly string[];
}

export interface Composed {
  /** The compose project's name. */
  readonly project: string;
  readonly services: ReadonlyMap<string, ComposedService>;
  /** By their keys in the file. */
  readonly networks: ReadonlyMap<string, { readonly name: string; readonly external: boolean }>;
}

/** What of a resolved configuration is read: `docker compose config --format json`, or what was resolved from the files here. */
export interface RawConfig {
  name?: string;
  services?: Record<string, RawService | null> | null;
  networks?: Record<string, { name?: unknown; external?: unknown } | null> | null;
}
export function composedOf(raw: RawConfig): Composed {
  const services = Object.entries(asMap(raw.services)).map(([name, service]) => [name, serviceOf(name, asMap(service))] as const);
  const networks = Object.entries(asMap(raw.networks)).map(([key, value]) => {
    const { name, external } = asMap(value);
    return [key, { name: withoutMarks(asText(name) ?? key), external: isYes(external) }] as const;
  });
  return { project: raw.name ?? "", services: new Map(services), networks: new Map(networks) };
}

function serviceOf(name: string, given: RawService): ComposedService {
  const raw = withoutMarks(given);
  const deploy = asMap(raw["deploy"]);
  const limit = asText(raw["mem_limit"]) ?? asText(asMap(asMap(deploy["resources"])["limits"])["memory"]);
  const logging = raw["logging"] === undefined ? undefined : asMap(raw["logging"]);
  const restart = asText(raw["restart"]);
  return {
    name,
    container: asText(raw["container_name"]),
    image: asText(raw["image"]),
    built: raw["build"] !== undefined && raw["build"] !== null,
    build: buildOf(raw["build"]),
    restart: restart === "" ? undefined : restart,
    restartCondition: deploy["restart_policy"] ? (asText(asMap(deploy["restart_policy"])["condition"]) ?? "any") : undefined,
    memory: limit === undefined ? undefined : bytesOf(limit),
    logging: logging && { driver: asText(logging["driver"]), options: texts(asMap(logging["options"])) },
    healthcheck: healthcheckOf(raw["healthcheck"]),
    user: asText(raw["user"]),
    ports: asList(given["ports"]).map((port) => {
      const { target, published, host_ip } = asMap(withoutMarks(port));
      return {
        target: asText(target) ?? "",
        published: asText(published),
        address: asText(host_ip),
        unsettled: unsettledIn(port),
      };
    }),
    labels: texts(asMap(raw["labels"])),
    networks: Object.keys(asMap(raw["networks"])),
    networkMode: asText(raw["network_mode"]),
    volumes: asList(given["volumes"]).map((volume) => {
      const { type, source, target } = asMap(withoutMarks(volume));
      return {
        type: asText(type) ?? "volume",
        source: asText(source) || undefined,
        target: asText(target) ?? "",
        unsettled: unsettledIn(volume),
      };
    }),
    privileged: isYes(raw["privileged"]),
    capAdd: asList(raw["cap_add"]).map(String),
    pid: asText(raw["pid"]),
    ipc: asText(raw["ipc"]),
    securityOpt: asList(raw["security_opt"]).map(String),
    unsettled: new Map(
      Object.entries(given).flatMap(([key, value]) => {
        const names = unsettledIn(value);
        return names.length > 0 ? [[key, names] as const] : [];
      }),
    ),
  };
}

function buildOf(raw: unknown): ComposedService["build"] {
  const { context, dockerfile, dockerfile_inline, target } = asMap(raw);
  const folder = asText(context);
  return folder === undefined
    ? undefined
    : {
        context: folder,
        dockerfile: asText(dockerfile) ?? "Dockerfile",
        inline: asText(dockerfile_inline),
        target: asText(target),
      };
}

function texts(map: Record<string, unknown>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, asText(value) ?? ""]));
}
