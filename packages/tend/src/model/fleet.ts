import type { Backups, Database, Files, Migrate } from "./data.ts";
import type { AppName, Container, EnvName, GitRef, HostName, ProxyName, ServiceName } from "./names.ts";

/** All that one `tend.yaml` declares. */
export interface Fleet {
  readonly name: string;
  /** The declaration's absolute path on this machine. */
  readonly file: string;
  readonly hosts: ReadonlyMap<HostName, Host>;
  readonly proxies: ReadonlyMap<ProxyName, Proxy>;
  readonly apps: ReadonlyMap<AppName, App>;
  readonly doctor: Doctor;
}

export interface Doctor {
  readonly ignore: readonly Ignored[];
}

/** A finding that is known, and all right for now. */
export interface Ignored {
  readonly check: string;
  /** The subject, or its end; wherever it is found, when none is given. */
  readonly on?: string;
  readonly because: string;
  /** The last day, `2027-03-31`. */
  readonly until: string;
}

export interface Host {
  readonly name: HostName;
  /** `ssh` aliases are tried in order: the LAN name first, say, then the public one. */
  readonly reach: { readonly kind: "local" } | { readonly kind: "ssh"; readonly aliases: readonly string[] };
  /** An absolute path; without it tend looks on PATH and in the usual places, /snap/bin included. */
  readonly docker?: string;
  /** Where tend keeps its state there; default ~/.local/state/tend. */
  readonly state?: string;
}

export type ProxyKind = "nginx-proxy" | "nginx" | "caddy" | "traefik";

export interface Proxy {
  readonly name: ProxyName;
  readonly host: HostName;
  readonly kind: ProxyKind;
  readonly container: Container;
  readonly network?: string;
  /** Where the proxy answers, when the domains' own DNS names can't be used: `http://10.0.0.5:80`. */
  readonly url?: URL;
}

export type RuntimeKind = "compose" | "process";

export interface App {
  readonly name: AppName;
  /** The overlay in force; undefined is the app as declared. */
  readonly environment?: string;
  readonly host: HostName;
  readonly runtime: RuntimeKind;
  /** The folder on the host; may start with `~/`. */
  readonly path: string;
  /** Compose files in it, in Compose's order; empty means Compose's own default name. */
  readonly compose: readonly string[];
  /** Compose's project name, when it isn't what Compose would derive by itself. */
  readonly project?: string;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly source: Source;
  /** Given to commands that run inside the app's containers. */
  readonly env: Readonly<Record<string, string>>;
  /** The services that make up the app; empty means every service of the compose project. */
  readonly services: readonly Service[];
  readonly databases: readonly Database[];
  readonly files: readonly Files[];
  readonly migrate?: Migrate;
  readonly backups: Backups;
}

/** `@hemma`: what a run is called that is about a host itself. */
export function isHostItself(app: string): boolean {
  return app.startsWith("@");
}

/** For what is about the host itself: what stands where an app would. */
export function hostItself(host: Host): App {
  return {
    name: `@${host.name}` as AppName,
    host: host.name,
    runtime: "compose",
    path: "/",
    compose: [],
    envFiles: [],
    profiles: [],
    source: { kind: "images", tags: new Map(), builds: new Map() },
    env: {},
    services: [],
    databases: [],
    files: [],
    backups: { to: [], keep: { kind: "all" }, recipients: [], stale: 0 },
  };
}

export type Source =
  /** A git checkout on the host that is built there. */
  | { readonly kind: "git"; readonly branch: GitRef }
  /** Images from a registry, as the compose file names them. */
  | {
      readonly kind: "images";
      /** Which variable of the env file holds a service's tag. */
      readonly tags: ReadonlyMap<ServiceName, EnvName>;
      /** Built on this machine and pushed: the folder, relative to the declaration. */
      readonly builds: ReadonlyMap<ServiceName, string>;
    };

export type Role = "routed" | "worker" | "single-writer" | "one-off";

export interface Service {
  /** What tend and its user call it. */
  readonly name: ServiceName;
  /** What the compose file calls it. */
  readonly compose: ServiceName;
  readonly role: Role;
  readonly route?: Route;
  readonly probe?: HealthProbe;
  /** How long a new container may take until it is healthy, in seconds. */
  readonly deadline: number;
  /** How long requests in flight may take once a container gets no new ones, in seconds. */
  readonly drain: number;
  /** The process runtime: what to run, split into words; PORT is set. */
  readonly run?: readonly string[];
  /** The process runtime: the port that users reach. */
  readonly port?: number;
}

export interface Route {
  readonly domain: string;
  /** Path prefixes; `/` when none are declared. */
  readonly paths: readonly string[];
  readonly proxy?: ProxyName;
  /** The port inside the container. */
  readonly port?: number;
}

export interface HealthProbe {
  readonly path: string;
  /** The status that counts as well; default 200–399. */
  readonly status?: number;
}
