import { stringify } from "yaml";
import type { ProxyKind } from "../model/fleet.ts";
import type { DomainName } from "../model/names.ts";
import type { Script } from "../transport/argv.ts";

/** A route that is wanted. */
export interface NewRoute {
  readonly domain: DomainName;
  /** The container that the proxy is to ask, by its lasting name. */
  readonly container: string;
  /** The service in the compose file. */
  readonly service: string;
  readonly port: number;
  /** The network that the proxy and the container share, or have to. */
  readonly network: string;
  /** They share it already. */
  readonly joined: boolean;
  /** What proxies read of the container as it is. */
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** What of the proxy's container decides how it is told. */
export interface Standing {
  readonly container: string;
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  /** Whether it answers on a TLS port. */
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
      /** Has the proxy check its whole configuration, with this file in it, and load it. */
      readonly load: Script;
    }
  | {
      readonly kind: "lines";
      readonly where: string;
      readonly lines: readonly string[];
      /** How the proxy gets to know them; where nothing is said, by the app's next deploy. */
      readonly load?: Script;
    };

/** How one kind of proxy learns of a new route. Each is a file in its folder and a line in index.ts. */
export interface ProxyAdding {
  readonly kind: ProxyKind;
  add(route: NewRoute, standing: Standing): Addition;
}

/** The folder of the host that stands behind a folder in the container; undefined where there is none. */
export function mounted({ mounts }: Standing, folder: string): string | undefined {
  const [deepest] = mounts
    .map((mount) => ({ ...mount, target: mount.target.replace(/\/$/, "") }))
    .filter(({ target }) => folder === target || folder.startsWith(`${target}/`))
    .toSorted((one, other) => other.target.length - one.target.length);
  if (deepest?.type !== "bind") return undefined;
  return `${deepest.source.replace(/\/$/, "")}${folder.slice(deepest.target.length)}`;
}

/** What a service is to have in its compose file, which keeps it on the project's own network, too. */
export function inCompose({ service, network, joined }: NewRoute, reader: string, wanted: object): Addition {
  const file = {
    services: { [service]: { ...wanted, ...(joined ? {} : { networks: ["default", network] }) } },
    ...(joined ? {} : { networks: { [network]: { external: true } } }),
  };
  return {
    kind: "lines",
    where: `the compose file, beside what services.${service} has: ${reader} reads it there, and tend never rewrites it`,
    // A lone dollar would be one of Compose's variables.
    lines: stringify(file, { lineWidth: 0 }).replaceAll("$", "$$$$").trimEnd().split("\n"),
  };
}
