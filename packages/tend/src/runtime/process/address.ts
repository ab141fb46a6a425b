import type { Service } from "../../model/fleet.ts";
import type { Watch } from "../../plan/plan.ts";
import { sh } from "../../transport/argv.ts";
import type { Place } from "../runtime.ts";

/** Which address the port is held at: localhost, and names that end in it, are for this machine alone. */
export function listensAt(service: Service): string | undefined {
  return /(^|\.)localhost$/.test(service.route?.domain ?? "") ? "127.0.0.1" : undefined;
}

/** Where a service's users reach it: through its proxy, where it has one, else at its port. */
export function publicAddress({ fleet, host }: Place, service: Service): Watch | undefined {
  const { port, route, probe } = service;
  const proxy = route?.proxy ? fleet.proxies.get(route.proxy) : undefined;
  const path = probe?.path ?? route?.paths[0] ?? "/";
  const status = probe?.status;
  if (route && proxy) {
    const via = proxy.url;
    const standard = !via || via.port === "";
    const connect = via && { host: via.hostname, port: Number(via.port || (via.protocol === "https:" ? 443 : 80)) };
    return { url: `${via?.protocol ?? "https:"}//${route.domain}${standard ? "" : `:${via.port}`}${path}`, connect, status };
  }
  if (port === undefined) return undefined;
  const local = host.reach.kind === "local";
  const url = `http://${route?.domain ?? (local ? "localhost" : host.name)}:${port}${path}`;
  if (local) return { url, connect: { host: "127.0.0.1", port }, status };
  // Without a name there is no way to it from here but through the host.
  return route ? { url, status } : { url, fromHost: { address: sh`printf '127.0.0.1 %s\n' ${port}` }, status };
}
