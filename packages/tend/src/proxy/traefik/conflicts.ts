import type { Labelled } from "../routing.ts";
import { routersOf } from "./routes.ts";

export interface Conflict {
  readonly router: string;
  readonly containers: readonly string[];
  /** What each of them says. */
  readonly differ: readonly string[];
}

/** Routers that several running containers define, and not alike: Traefik then has none of that name. */
export function conflictsOf(containers: readonly Labelled[]): readonly Conflict[] {
  const said = new Map<string, { readonly container: string; readonly options: string }[]>();
  for (const container of containers) {
    const isOut = container.state !== "running" || ["starting", "unhealthy"].includes(container.health?.status ?? "");
    if (isOut || container.labels["traefik.enable"] === "false") continue;
    for (const [router, options] of routersOf(container)) {
      const text = Object.entries(options)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([option, value]) => `${option}=${value}`)
        .join(" ");
      said.set(router, [...(said.get(router) ?? []), { container: container.name, options: text }]);
    }
  }
  return [...said].flatMap(([router, all]) =>
    new Set(all.map(({ options }) => options)).size > 1
      ? [
          {
            router,
            containers: all.map(({ container }) => container),
            differ: all.map(({ container, options }) => `${container}: ${options}`),
          },
        ]
      : [],
  );
}
