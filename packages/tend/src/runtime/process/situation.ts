import { Failure } from "../../model/failure.ts";
import type { ServiceName } from "../../model/names.ts";
import { type Script, sh } from "../../transport/argv.ts";
import type { DeployInput, Draft, Drafting, LogOptions, LogSource, Place, PowerVerb, Situation, Wanted } from "../runtime.ts";
import { inRelease, keepersOf } from "./commands.ts";
import { planDeploy } from "./deploy.ts";
import type { ProcessFacts } from "./look.ts";
import { planMigrate } from "./migrate.ts";
import { appFolder, front, logFile, releaseFolder } from "./place.ts";
import { planPower, planRecreate, released } from "./power.ts";
import { chosenServices } from "./preflight.ts";
import { serviceFacts } from "./processes.ts";
import { planRollback } from "./rollback.ts";

/** An app of plain processes as it was found; each method makes a draft of it and changes nothing. */
export function processSituation(place: Place, wanted: Wanted, facts: ProcessFacts): Situation {
  return {
    facts,
    deploy: (context: Drafting, input: DeployInput): Draft => planDeploy(place, wanted, facts, context, input),
    rollback: (context, to, data = { kind: "checked" }) => planRollback(place, facts, context, to, data),
    power: (context: Drafting, verb: PowerVerb, services: readonly ServiceName[]): Draft =>
      planPower(place, facts, context, verb, services),
    recreate: (context, services) => planRecreate(place, facts, context, services),
    build: () => {
      throw new Failure({
        id: "build.nothing",
        exit: "refused",
        title: `nothing of ${place.app.name} is built: it runs its code as it is`,
        changed: "nothing",
        help: `tend deploy ${place.app.name}`,
      });
    },
    logs: (services, options) => logSources(place, facts, services, options),
    keepers: keepersOf,
    command: (service, argv) => commandScript(place, facts, service, argv),
    migrate: (context) => planMigrate(place, facts, context),
    exec: (service, argv) => execScript(place, facts, service, argv),
  };
}

function logSources(place: Place, facts: ProcessFacts, names: readonly ServiceName[], options: LogOptions): readonly LogSource[] {
  const flags = [
    ...(options.follow ? ["--follow"] : []),
    ...(options.since ? ["--since", options.since] : []),
    ...(options.tail !== undefined ? ["--tail", String(options.tail)] : []),
  ];
  const folder = appFolder(facts.state, place.app);
  return chosenServices(place, names)
    .filter(({ name }) => serviceFacts(facts.processes, name).processes.length > 0)
    .map(({ name }) => ({ service: name, script: front(facts.front, "logs", `${folder}/${logFile(name)}`, ...flags) }));
}

/** In the folder of the release that is live, with its env: there is no container to go into. */
function execScript(place: Place, facts: ProcessFacts, name: ServiceName | undefined, argv: readonly string[]): Script {
  const [service] = chosenServices(place, name ? [name] : []);
  const entry = service && released(place, facts, [service])[service.name];
  if (!entry) throw new Error("an app without services was planned");
  const set = entry.config.set.flatMap((pair) => ["--set", pair]);
  return sh`cd ${appFolder(facts.state, place.app)} && exec ${front(facts.front, "exec", releaseFolder(entry.release), ...set, "--", ...argv)}`;
}

function commandScript(place: Place, facts: ProcessFacts, name: ServiceName | undefined, argv: readonly string[]): Script {
  const entry = Object.values(released(place, facts, chosenServices(place, name ? [name] : [])))[0];
  if (!entry) throw new Error("an app without services was planned");
  return inRelease(place, facts, entry.release, argv);
}
