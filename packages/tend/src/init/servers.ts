import type { FoundService } from "./found.ts";
import { kindOf } from "./kinds.ts";

/** The PostgreSQL server that a service means by a host name: a container's name, a service's, or an alias on a common network. */
export function serverOf(host: string, from: FoundService, all: readonly FoundService[]): FoundService | undefined {
  const servers = all.filter((service) => kindOf(service).kind === "postgres");
  return servers.find((server) => isCalled(server, host, from)) ?? servers.find((server) => server.container === host);
}

/** Whether `from` reaches `service` by that name. Without networks (a compose file's default) both are on the same one. */
export function isCalled(service: FoundService, host: string, from: FoundService): boolean {
  const names = Object.keys(service.networks);
  const shared = names.filter((name) => Object.hasOwn(from.networks, name));
  if (names.length > 0 && Object.keys(from.networks).length > 0 && shared.length === 0) return false;
  return [service.name, service.container, ...shared.flatMap((name) => service.networks[name] ?? [])].includes(host);
}

/** The superuser of a server. */
export function userOf(server: FoundService): string {
  return server.env["POSTGRES_USER"] || "postgres";
}
