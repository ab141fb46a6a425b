import type { Keepers } from "../../database/engine.ts";
import type { Service } from "../../model/fleet.ts";
import type { ServiceName } from "../../model/names.ts";
import type { Guard, Step } from "../../plan/plan.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { Place } from "../runtime.ts";
import { type ComposeFacts, declaredServices } from "./look.ts";
import { type Move, proxyOf } from "./moves.ts";
import { composeArgv, defaultContainerName } from "./place.ts";
import { chosenServices } from "./preflight.ts";

/** One of the app's own commands, in the container that runs now, with the app's declared env. */
export function inLive(place: Place, facts: ComposeFacts, name: ServiceName | undefined, argv: readonly string[]): Script {
  const service = commandService(place, facts, name);
  return command(["docker", "exec", ...envFlags(place), containerOf(facts, service), ...argv]);
}

/**
 * One of the app's own commands, in a container of its own of the image that the next release will run. A proxy that
 * goes by labels or env must not take it for the app: it would send it requests that nobody answers.
 */
export function inNext(
  place: Place,
  facts: ComposeFacts,
  name: ServiceName | undefined,
  argv: readonly string[],
  tags: Readonly<Record<string, string>> = {},
): Script {
  const service = commandService(place, facts, name);
  const proxy = proxyOf(place, facts, service);
  const hidden =
    proxy?.kind === "nginx-proxy" ? ["-e", "VIRTUAL_HOST=", "-e", "LETSENCRYPT_HOST="] : ["--label", "traefik.enable=false"];
  const run = ["run", "--rm", "--no-deps", "-T", ...hidden, ...envFlags(place), service.compose, ...argv];
  return sh`( cd ${facts.path} && ${command([...composeArgv(place.app), ...run], tags)} </dev/null )`;
}

export function keepersOf(place: Place, facts: ComposeFacts, run: string): Keepers {
  const services = declaredServices(place, facts.config);
  return {
    project: facts.config?.project,
    containers: services.map((service) => containerOf(facts, service)),
    image: services.map((service) => facts.config?.services.get(service.compose)?.image).find((image) => image !== undefined),
    run,
  };
}

export function containerOf(facts: ComposeFacts, service: Service): string {
  const config = facts.config?.services.get(service.compose);
  return config?.containerName ?? defaultContainerName(facts.config?.project ?? "", service.compose);
}

/** The declared one, else the first that stays up. */
function commandService(place: Place, facts: ComposeFacts, name: ServiceName | undefined): Service {
  const services = chosenServices(place, facts, name ? [name] : []);
  return (services.find((service) => service.role !== "one-off") ?? services[0]) as Service;
}

function envFlags(place: Place): readonly string[] {
  return Object.entries(place.app.env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
}

/** Whether the service that migrates gets another container; undefined when it does in any case. */
export function migratorChanged(place: Place, swaps: readonly Move[]): Guard | undefined {
  const named = place.app.migrate?.service;
  const guards = swaps.filter((move) => !named || move.service.name === named).map((move) => move.guard);
  if (guards.length === 0 || guards.some((guard) => guard === undefined)) return undefined;
  const [only, ...others] = guards as readonly Guard[];
  if (only && others.length === 0) return only;
  return {
    id: "migrator-changed",
    text: "a service changed that may migrate",
    otherwise: "nothing changed that could migrate",
    check: (guards as readonly Guard[]).reduce(
      (all, guard) => sh`${all}( ${guard.check} ) && exit 0
`,
      sh``,
    ),
  };
}

/** A step that starts the new version of an app that migrates by itself: what it did to the data isn't taken back. */
export function withLasting(step: Step, lasting: string | undefined): Step {
  return lasting && step.effect === "changes" && /^(surge|replace)-/.test(step.id) ? { ...step, lasting } : step;
}
