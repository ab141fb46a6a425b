import type { AppName } from "../../model/names.ts";
import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { DeclaredApp } from "../sections/fleet.ts";
import { servicesOf } from "./check.ts";

/** What a runtime needs is there, and nothing that only another one understands. */
export function* runtimes({ apps }: Declared): Iterable<Mistake> {
  for (const [name, app] of apps) yield* app.runtime === "process" ? processNeeds(name, app) : composeRefuses(name, app);
}

function* processNeeds(name: AppName, app: DeclaredApp): Iterable<Mistake> {
  const path = ["apps", name];
  const services = servicesOf(name, app);
  if (app.source?.kind !== "git") {
    const hint = "expected source: { git: BRANCH }, which the process runtime builds on";
    yield {
      path: [...path, "source"],
      says: app.source ? "a process can't run an image" : "source is missing",
      hint,
      spot: "key",
    };
  }
  if (services.length === 0)
    yield { path: [...path, "services"], hint: "expected services: { NAME: { run: COMMAND } }", spot: "key" };
  for (const { service, path: at } of services) {
    if (!service.run) yield { path: [...at, "run"], hint: "expected run: COMMAND, such as node src/main.ts", spot: "key" };
  }
}

function* composeRefuses(name: AppName, app: DeclaredApp): Iterable<Mistake> {
  for (const { service, path } of servicesOf(name, app)) {
    if (service.run)
      yield {
        path: [...path, "run"],
        says: "run needs runtime: process",
        hint: "expected the command in the compose file",
        spot: "key",
      };
    if (service.port)
      yield { path: [...path, "port"], says: "port needs runtime: process", hint: "expected route: { port: … }", spot: "key" };
  }
}
