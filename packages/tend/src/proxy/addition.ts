import type { ProxyKind } from "../model/fleet.ts";
import type { Script } from "../transport/argv.ts";

/** A route that is wanted. */
export interface NewRoute {
  readonly domain: string;
  /** The container that the proxy is to ask, by its lasting name. */
  readonly container: string;
  /** The service in the compose file. */
  readonly service: string;
  readonly port: number;
  /** The network that the proxy and the container share, or have to. */
  readonly network: string;
  /** They share it already. */
  readonly joined: boolean;
  /** Domains that the container has now. */
  readonly domains: readonly string[];
}

/** What of the proxy's container decides how it is told. */
export interface Standing {
  readonly container: string;
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  /** Whether it publishes a TLS port. */
  readonly tls: boolean;
  /** Patterns of the files that its own file includes, where that has to be known. */
  readonly imports: readonly string[];
}

/** What a new route needs: a file of its own on the host, or lines in a file of somebody's. */
export type Addition =
  | {
      readonly kind: "file";
      /** On the host. */
      readonly path: string;
      readonly content: string;
      /** Checks the whole configuration, and loads it if that is right. */
      readonly load: Script;
    }
  | { readonly kind: "lines"; readonly where: string; readonly lines: readonly string[] };

/** How one kind of proxy learns of a new route. Each is a file in its folder and a line in index.ts. */
export interface ProxyAdding {
  readonly kind: ProxyKind;
  add(route: NewRoute, standing: Standing): Addition;
}

/** The folder of the host that stands behind a folder in the container. */
export function mounted({ mounts }: Standing, folder: string): string | undefined {
  const [deepest] = mounts
    .filter(({ type, target }) => type === "bind" && (folder === target || folder.startsWith(`${target.replace(/\/$/, "")}/`)))
    .toSorted((one, other) => other.target.length - one.target.length);
  return deepest && `${deepest.source.replace(/\/$/, "")}${folder.slice(deepest.target.replace(/\/$/, "").length)}`;
}

/** The lines that put a service on an external network, and keep it on the project's own. */
export function joinedBy(network: string): readonly string[] {
  return [`    networks: [default, ${network}]`, "networks:", `  ${network}: { external: true }`];
}
