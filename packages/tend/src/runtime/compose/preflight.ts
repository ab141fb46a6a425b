import type { ServiceName } from "../../model/names.ts";
import { envFiles } from "../../observe/place.ts";
import { checkoutProblems, chosen, lastLines, nearest, type Problem, refuse } from "../preflight.ts";
import type { Place } from "../runtime.ts";
import { type ComposeFacts, declaredServices } from "./look.ts";

/** Less than this is full: a container start alone can need it for its log and its layer. */
const TIGHT = 200 * 1024 * 1024;

/** Throws a `refused` failure for the first thing that stands in the way; the others are named in its evidence. */
export function refuseUnlessReady(place: Place, facts: ComposeFacts, options: { readonly moving: boolean }): void {
  const { app } = place;
  const moves = options.moving && app.source.kind === "git";
  refuse(place, facts.path, [...generally(place, facts), ...(moves ? checkoutProblems(app, facts) : [])]);
}

function* generally(place: Place, facts: ComposeFacts): Generator<Problem> {
  const { app } = place;
  if (facts.dockerTrouble) {
    const denied = /permission denied/i.test(facts.dockerTrouble);
    const missing = /not found/i.test(facts.dockerTrouble);
    yield {
      id: "docker.unreachable",
      title: missing ? "docker was not found on the host" : "Docker's daemon doesn't answer on the host",
      evidence: lastLines(facts.dockerTrouble),
      why: denied ? "the user that tend logs in as may not use Docker's socket" : undefined,
      help: missing
        ? `say where it is: hosts.${place.host.name}.docker in tend.yaml`
        : denied
          ? "on the host: sudo usermod -aG docker $USER, then log in anew"
          : "on the host: sudo systemctl status docker",
    };
    return;
  }
  if (
    !facts.config &&
    /is not a docker command|unknown command: docker compose|unknown shorthand flag: 'f'/.test(facts.configTrouble ?? "")
  ) {
    yield {
      id: "compose.missing",
      title: "the host's docker has no Compose v2",
      evidence: lastLines(facts.configTrouble ?? "").slice(0, 1),
      why: "tend uses `docker compose`; the older docker-compose program won't do",
      help: "on the host: install the docker-compose-plugin (Docker's packages) or docker-compose (Debian's, from trixie on)",
    };
    return;
  }
  if (!facts.config) {
    yield {
      id: "compose.config",
      title: "Compose can't resolve the app's files",
      evidence: lastLines(facts.configTrouble ?? ""),
      help: `docker compose config, in ${app.path} on ${place.host.name}, shows the same error`,
    };
    return;
  }
  for (const service of app.services) {
    if (facts.config.services.has(service.compose)) continue;
    const names = [...facts.config.services.keys()];
    yield {
      id: "compose.service",
      title: `the compose files have no service "${service.compose}"`,
      evidence: [`they have ${names.join(", ")}`],
      help: `apps.${app.name}.services in tend.yaml: did you mean "${nearest(service.compose, names)}"?`,
    };
  }
  if (facts.unset.length > 0) {
    yield {
      id: "env.unset",
      title: `${facts.unset.length === 1 ? "a variable is" : "variables are"} not set: ${facts.unset.join(", ")}`,
      evidence: facts.unset.slice(0, 4).map((name) => `The "${name}" variable is not set. Defaulting to a blank string.`),
      why: "Compose would start the containers with an empty value",
      help: `set ${facts.unset.length === 1 ? "it" : "them"} in ${facts.path}/${facts.envFiles[0] ?? envFiles(app)[0]} (an empty value, ${facts.unset[0]}=, counts as set)`,
    };
  }
  const missing = facts.config.externalNetworks.filter((network) => !facts.networks.includes(network));
  if (missing.length > 0) {
    yield {
      id: "network.missing",
      title: `the external network ${missing.map((name) => `"${name}"`).join(", ")} doesn't exist on the host`,
      why: "the compose files expect it to be there already",
      help: `on the host: ${missing.map((name) => `docker network create ${name}`).join("; ")}`,
    };
  }
  for (const disk of facts.disks) {
    if (disk.free >= TIGHT) continue;
    yield {
      id: "disk.full",
      title: `the disk at ${disk.mount} has ${megabytes(disk.free)} MB left`,
      why: disk.of === "docker" ? "Docker keeps its images and containers there" : "the app's folder lies there",
      help: "on the host: docker system df shows what takes the room",
    };
  }
}

/** The app's services by the names that a person gave, or all of them. Throws `usage` for a name that isn't one. */
export function chosenServices(place: Place, facts: ComposeFacts, names: readonly ServiceName[]) {
  return chosen(place, declaredServices(place, facts.config), names);
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
