import type { Labelled } from "../routing.ts";
import { isTaken, routersOf, type Settings } from "./routes.ts";
import { type Place, placesOf } from "./rule.ts";

export interface Conflict {
  readonly router: string;
  readonly containers: readonly string[];
  /** What each of them says. */
  readonly differ: readonly string[];
  /** What it would have routed. */
  readonly places: readonly Place[];
}

/** Routers that several running containers define, and not alike: Traefik then has none of that name. */
export function conflictsOf(containers: readonly Labelled[], settings: Settings): readonly Conflict[] {
  const said = new Map<string, { readonly container: string; readonly options: string; readonly rule: string }[]>();
  for (const container of containers.filter((one) => isTaken(one, settings))) {
    for (const [router, options] of routersOf(container)) {
      const text = Object.entries(options)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([option, value]) => `${option}=${value}`)
        .join(" ");
      const own = { container: container.name, options: text, rule: options["rule"] ?? "" };
      said.set(router, [...(said.get(router) ?? []), own]);
    }
  }
  return [...said]
    .filter(([, all]) => new Set(all.map(({ options }) => options)).size > 1)
    .map(([router, all]) => ({
      router,
      containers: all.map(({ container }) => container),
      differ: all.map(({ container, options }) => `${container}: ${options}`),
      places: all.flatMap(({ rule }) => placesOf(rule)),
    }));
}
