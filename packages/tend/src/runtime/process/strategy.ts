import type { Service } from "../../model/fleet.ts";
import type { ProcessFacts } from "./processes.ts";

/** How a service gets from one release to the next. */
export type Strategy =
  | { readonly kind: "start" }
  /** The new process starts beside the old one, and the front sends requests to it from then on. */
  | { readonly kind: "swap"; readonly old: ProcessFacts }
  | { readonly kind: "recreate"; readonly old: ProcessFacts; readonly because: string }
  | { readonly kind: "run" };

export function strategyFor(service: Service, old: ProcessFacts | undefined): Strategy {
  if (service.role === "one-off") return { kind: "run" };
  if (!old?.alive) return { kind: "start" };
  const recreate = (because: string): Strategy => ({ kind: "recreate", old, because });
  if (service.role === "single-writer") return recreate("it is the only writer of its data");
  if (service.role === "worker") return recreate("no route leads to it");
  if (service.port === undefined) return recreate("it has no port of its own");
  return { kind: "swap", old };
}

export function strategyText(strategy: Strategy): string {
  if (strategy.kind === "swap") return "swapped without downtime";
  if (strategy.kind === "start") return "started";
  if (strategy.kind === "run") return "run to its end";
  return `recreated, with a gap: ${strategy.because}`;
}
