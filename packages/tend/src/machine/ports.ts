import type { ContainerSeen } from "../doctor/facts/containers.ts";
import type { ListeningSeen } from "../doctor/facts/listening.ts";

/** Who listens on a port of a host. */
export interface PortOwner {
  readonly address: string;
  readonly port: number;
  /** The container that has it published. */
  readonly container?: string;
  /** The host's program; undefined where only root could say. */
  readonly process?: string;
  readonly pid?: number;
}

interface Seen {
  readonly containers: readonly ContainerSeen[];
  readonly listening: ListeningSeen;
}

/** Every TCP port that somebody listens on; a port that is published for IPv4 and IPv6 alike stands there twice. */
export function portOwners({ containers, listening }: Seen): readonly PortOwner[] {
  const published = containers.flatMap((container) =>
    container.published.flatMap(({ inside, address, port }) =>
      inside.endsWith("/tcp") ? [{ address: address || "0.0.0.0", port, container: container.name }] : [],
    ),
  );
  const onHost = containers.filter((one) => one.networkMode === "host" && one.state === "running");
  const others = listening.tcp.flatMap(({ address, port, process, pid }): readonly PortOwner[] => {
    if (published.some((one) => one.port === port && (process === undefined || process === "docker-proxy"))) return [];
    const container = onHost.find((one) => pid !== undefined && one.pid === pid)?.name;
    return [{ address, port, process, pid, container }];
  });
  return [...published, ...others].toSorted((one, other) => one.port - other.port || (one.address < other.address ? -1 : 1));
}

/** Whether an address is reached from the host alone. Java listens on IPv4's in IPv6's clothes. */
export function isLocal(address: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address.replace(/%.*$/, ""));
}

/** Who has a port, apart from the container that wants it. */
export function listenerOf(port: number, seen: Seen, besides: string): PortOwner | undefined {
  return portOwners(seen).find((one) => one.port === port && one.container !== besides);
}

export function ownerText({ container, process, pid }: PortOwner): string {
  if (container !== undefined) return `the container ${container}`;
  if (process !== undefined) return `${process}${pid === undefined ? "" : ` (pid ${pid})`}`;
  return "a program that only root can name";
}
