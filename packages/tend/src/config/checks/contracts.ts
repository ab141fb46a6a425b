import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import { declaredNames } from "../nearest.ts";
import { quoted } from "../problem.ts";
import { servicesOf } from "./check.ts";

/** What an app's contract lets off is one of its services, by the name that the compose file has. */
export function* contracts({ apps }: Declared): Iterable<Mistake> {
  for (const [name, app] of apps) {
    const services = servicesOf(name, app).map((place) => place.service.compose ?? place.name);
    if (services.length === 0) continue;
    for (const [at, exception] of (app.contract?.except ?? []).entries()) {
      for (const service of exception.services.filter((one) => !services.some((known) => known === one))) {
        const path = ["apps", name, "contract", "except", at, "service"];
        yield { path, says: `unknown service ${quoted(service)}`, hint: declaredNames(service, services) };
      }
    }
  }
}
