import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import { declaredNames } from "../nearest.ts";
import { quoted } from "../problem.ts";

/** The service that has the commands is there, and no other could be meant. */
export function* migrations({ apps }: Declared): Iterable<Mistake> {
  for (const [name, { migrate, services = {} }] of apps) {
    const known = Object.keys(services);
    // Without declared services the app is the whole compose project, whose names only the host knows.
    if (!migrate || known.length === 0) continue;
    const path = ["apps", name, "migrate"];
    const { service } = migrate;
    if (service !== undefined) {
      if (known.includes(service)) continue;
      yield { path: [...path, "service"], says: `unknown service ${quoted(service)}`, hint: declaredNames(service, known) };
    } else if (known.length > 1 && (migrate.run ?? migrate.head)) {
      yield {
        path,
        says: "which service has the commands is missing",
        hint: `expected service: ${known.join(" or ")}`,
        spot: "key",
      };
    }
  }
}
