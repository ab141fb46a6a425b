import type { App } from "../../../model/fleet.ts";
import type { ComposeSeen } from "../../facts/compose.ts";
import type { Scene } from "../../scene.ts";

/** The Compose apps with what their files came to. */
export function* resolvedApps(
  { apps }: Scene,
  compose: Readonly<Record<string, ComposeSeen>>,
): Iterable<{ readonly app: App; readonly seen: ComposeSeen }> {
  for (const app of apps) {
    const seen = compose[app.name];
    if (seen) yield { app, seen };
  }
}
