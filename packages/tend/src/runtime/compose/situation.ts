import { posix } from "node:path";
import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import type { ServiceName } from "../../model/names.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { DeployInput, Draft, Drafting, LogOptions, LogSource, Place, PowerVerb, Situation, Wanted } from "../runtime.ts";
import { inLive, inNext, keepersOf } from "./commands.ts";
import { planDeploy } from "./deploy.ts";
import type { ComposeFacts } from "./look.ts";
import { planMigrate } from "./migrate.ts";
import { compose } from "./place.ts";
import { planPower, planRecreate } from "./power.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";
import { planRollback } from "./rollback.ts";

/** A compose app as it was found; each method makes a draft of it and changes nothing. */
export function composeSituation(place: Place, wanted: Wanted, facts: ComposeFacts): Situation {
  return {
    facts,
    deploy: (context: Drafting, input: DeployInput): Draft => planDeploy(place, wanted, facts, context, input),
    rollback: (context, to, data = { kind: "checked" }) => planRollback(place, facts, context, to, data),
    power: (_context: Drafting, verb: PowerVerb, services: readonly ServiceName[]): Draft =>
      planPower(place, facts, verb, services),
    recreate: (context, services) => planRecreate(place, facts, context, services),
    build: (_context, input) => planBuild(place, facts, input.services, input.push),
    logs: (services, options) => logSources(place, facts, services, options),
    keepers: (run) => keepersOf(place, facts, run),
    command: (service, argv, where) => (where === "live" ? inLive : inNext)(place, facts, service, argv),
    migrate: (context) => planMigrate(place, facts, context),
    exec: (service, argv, options) => execScript(place, facts, service, argv, options),
  };
}

function planBuild(place: Place, facts: ComposeFacts, names: readonly ServiceName[], push: boolean): Draft {
  const { app, host } = place;
  const chosen = chosenServices(place, facts, names);
  const title = `build ${chosen.map((service) => service.name).join(", ")} of ${app.name}`;
  const { source } = app;
  if (source.kind === "images" && source.builds.size > 0) {
    const steps = chosen.flatMap((service) => {
      const folder = source.builds.get(service.name);
      const image = facts.config?.services.get(service.compose)?.image;
      if (!folder || !image) return [];
      return [buildHere(place, service.name, folder, image), ...(push ? [pushHere(service.name, image)] : [])];
    });
    return {
      title: `${title} on this machine`,
      summary: [{ label: "builds", text: steps.map((step) => step.title).join(", ") }],
      steps,
      undo: [],
      watch: [],
    };
  }
  refuseUnlessReady(place, facts, { moving: false });
  const built = chosen.filter((service) => facts.config?.services.get(service.compose)?.built).map((service) => service.compose);
  if (built.length === 0) {
    throw new Failure({
      id: "build.nothing",
      exit: "refused",
      title: `nothing of ${app.name} is built: its compose files have no build`,
      changed: "nothing",
      help: `tend deploy ${app.name} pulls its images`,
    });
  }
  return {
    title: `${title} on ${host.name}`,
    summary: [{ label: "builds", text: built.join(", ") }],
    steps: [
      {
        id: "build",
        title: `build ${built.join(", ")}`,
        because: "asked for",
        effect: "changes",
        phase: "prepare",
        interruptible: true,
        action: exec([compose(app, "build", ...built), ...(push ? [compose(app, "push", ...built)] : [])], { cwd: facts.path }),
      },
    ],
    undo: [],
    watch: [],
  };
}

const here = { effect: "changes", phase: "prepare", interruptible: true } as const;

/** Its folder is as the declaration names it: relative to the declaration's own. */
export function buildHere(place: Place, service: string, folder: string, image: string) {
  return {
    ...here,
    id: `build-${service}`,
    title: `build ${service}`,
    because: "its folder is built on this machine",
    action: exec([["docker", "build", "--tag", image, folder]], { on: "here", cwd: posix.dirname(place.fleet.file) }),
    fails: { id: "build.failed", title: `${service} can't be built` },
  };
}

export function pushHere(service: string, image: string) {
  return {
    ...here,
    id: `push-${service}`,
    title: `push ${image}`,
    because: "the host pulls it from there",
    action: exec([["docker", "push", image]], { on: "here" }),
    fails: { id: "registry.push", title: `the registry didn't take ${image}` },
  };
}

function logSources(place: Place, facts: ComposeFacts, names: readonly ServiceName[], options: LogOptions): readonly LogSource[] {
  const flags = [
    ...(options.follow ? ["--follow"] : []),
    ...(options.since ? ["--since", options.since] : []),
    ...(options.tail !== undefined ? ["--tail", String(options.tail)] : []),
  ];
  return chosenServices(place, facts, names).flatMap((service) =>
    facts.containers
      .filter((container) => container.service === service.compose)
      .map((container) => ({
        service: container.oneOff ? `${service.name} (surge)` : service.name,
        script: sh`docker logs --timestamps ${flags} ${container.id.slice(0, 12)} 2>&1`,
      })),
  );
}

function execScript(
  place: Place,
  facts: ComposeFacts,
  name: ServiceName | undefined,
  argv: readonly string[],
  options: { readonly tty: boolean; readonly input: boolean },
): Script {
  const service = chosenServices(place, facts, name ? [name] : [])[0] as Service | undefined;
  const container =
    service && facts.containers.find((one) => one.service === service.compose && !one.oneOff && one.state === "running");
  if (!service || !container) {
    throw new Failure({
      id: "service.down",
      exit: "refused",
      title: `${service?.name ?? name ?? place.app.name} has no running container`,
      where: `${place.host.name} · ${facts.path}`,
      changed: "nothing",
      help: `tend start ${place.app.name}`,
    });
  }
  const env = Object.entries(place.app.env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  return command([
    "docker",
    "exec",
    ...(options.input ? ["--interactive"] : []),
    ...(options.tty ? ["--tty"] : []),
    ...env,
    container.name,
    ...argv,
  ]);
}
