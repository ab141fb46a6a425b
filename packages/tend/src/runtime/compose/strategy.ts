import type { Proxy, Service } from "../../model/fleet.ts";
import type { ComposeService } from "./config.ts";
import type { ContainerFacts } from "./containers.ts";

/** How a service gets from one release to the next. */
export type Strategy =
  | { readonly kind: "start" }
  | { readonly kind: "surge"; readonly proxy: Proxy }
  | { readonly kind: "recreate"; readonly because: string };

/**
 * A surge container stands in while the service's own is replaced: only where two of them may run at once and
 * something sends requests to either. Everything else is recreated, with the reason said and the gap measured.
 */
export function strategyFor(
  service: Service,
  config: ComposeService,
  running: readonly ContainerFacts[],
  proxy: (Proxy & { readonly up: boolean }) | undefined,
  stopped = false,
): Strategy {
  if (running.length === 0) return { kind: "start" };
  const recreate = (because: string): Strategy => ({ kind: "recreate", because });
  if (stopped) return recreate("its data is replaced while it is stopped");
  if (service.role === "single-writer") return recreate("it is the only writer of its data");
  if (service.role === "worker") return recreate("no route leads to it");
  if (service.role === "one-off") return recreate("it runs once and ends");
  if (config.hostPorts.length > 0) return recreate(`it holds the host's port ${config.hostPorts.join(", ")}`);
  if (config.networkMode && config.networkMode !== "bridge") return recreate(`its network mode is ${config.networkMode}`);
  if ([...config.networks.values()].some((network) => network.fixedAddress)) return recreate("its address is fixed");
  if (config.replicas > 1) return recreate(`it has ${config.replicas} replicas`);
  if (!proxy) return recreate("its route names no proxy that tend knows");
  if (!proxy.up) return recreate(`its proxy ${proxy.container} isn't running`);
  return { kind: "surge", proxy };
}
