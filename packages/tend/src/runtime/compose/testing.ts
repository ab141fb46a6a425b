import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFleet } from "../../config/load.ts";
import type { ReleaseEvent } from "../../journal/events.ts";
import { type AppName, type Commit, commit, type RunId, runId } from "../../model/names.ts";
import type { CodeFacts } from "../../observe/git.ts";
import type { Plan } from "../../plan/plan.ts";
import { plain } from "../../render/paint.ts";
import { planText } from "../../render/plan.ts";
import type { Draft, Drafting, Place } from "../runtime.ts";
import { parseConfig } from "./config.ts";
import { type ContainerFacts, serviceStatus } from "./containers.ts";
import { type ComposeFacts, declaredServices } from "./look.ts";

/** For tests: the examples on the hosts that their declarations name, as if they had been looked at there. */
export type Example = "skriptoteket" | "legal" | "quartermaster";

export const HEAD = commit.parse("3f2a91c000000000000000000000000000000000") as Commit;
export const TARGET = commit.parse("8d04e7b000000000000000000000000000000000") as Commit;
export const context: Drafting = {
  run: runId.parse("r7k4abc") as RunId,
  now: new Date("2026-11-20T08:00:00Z"),
  by: "anna@laptop",
};

/** Stands in every env file, in every configuration and in every log; it must come out nowhere. */
export const CANARY = "canary-";

export function placeOf(example: Example, change: (yaml: string) => string = (yaml) => yaml): Place {
  const text = readFileSync(join(import.meta.dirname, "../../../../../examples", example, "tend.yaml"), "utf8");
  const fleet = parseFleet(change(text), "/home/me/tend.yaml");
  const app = fleet.apps.get(example as string as AppName) ?? [...fleet.apps.values()][0];
  const host = app && fleet.hosts.get(app.host);
  if (!app || !host) throw new Error(`${example} declares no app`);
  return { fleet, app, host };
}

/** What `docker compose config --format json` printed for the example, with secrets in its env file. */
export function recordedConfig(example: Example): string {
  return readFileSync(join(import.meta.dirname, "fixtures", `${example}.json`), "utf8");
}

export const id = (letter: string) => `sha256:${letter.repeat(64)}`;

export function container(service: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    id: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00",
    name: service,
    image: id("a"),
    ref: service,
    state: "running",
    health: "healthy",
    exitCode: 0,
    restarts: 0,
    started: "2026-11-19T08:00:00Z",
    ports: [],
    project: "project",
    service,
    oneOff: false,
    configHash: "0".repeat(64),
    ...more,
  };
}

/** Of the app's own images in the recording, and of what runs. */
const TAG = { skriptoteket: "none", legal: "1.0.0", quartermaster: "3f2a91c" } as const;

/** The app up and running, and healthy; nothing is known to be wrong. With `tag`, as resolved for that. */
export function factsOf(
  place: Place,
  example: Example,
  more: Partial<ComposeFacts> = {},
  tag: string = TAG[example],
): ComposeFacts {
  const found = parseConfig(recordedConfig(example));
  const containers = [...found.services.values()].map((service) =>
    container(service.name, { name: service.containerName, ref: service.image, project: found.project }),
  );
  const config = parseConfig(recordedConfig(example).replaceAll(`:${TAG[example]}"`, `:${tag}"`));
  const facts: Omit<ComposeFacts, "services"> = {
    at: "2026-11-20T08:00:00Z",
    path: place.app.path.replace("~", "/home/anna"),
    state: "/home/anna/.local/state/tend",
    releases: [],
    backups: [],
    drills: [],
    restores: [],
    basis: "b".repeat(64),
    config,
    hashes: Object.fromEntries([...config.services.keys()].map((name) => [name, "0".repeat(64)])),
    unset: [],
    containers,
    running: [...containers.map((one) => one.name), ...[...place.fleet.proxies.values()].map((proxy) => proxy.container)],
    networks: [...config.networks.values()],
    images: Object.fromEntries([...config.services.values()].map((service) => [service.image, id("a")])),
    kept: {},
    code: place.app.source.kind === "git" ? codeOf() : undefined,
    envFiles: example === "legal" ? ["docker/.env"] : [".env"],
    tags: {
      skriptoteket: {},
      legal: { LEGAL_BACKEND_TAG: "1.0.0", LEGAL_FRONTEND_TAG: "1.0.0" },
      quartermaster: { QUARTERMASTER_TAG: "3f2a91c" },
    }[example] as Record<string, string>,
    composeFiles: place.app.compose,
    disks: [{ mount: "/", free: 50e9, of: "docker" }],
    env: "e".repeat(64),
    ...more,
  };
  const services = declaredServices(place, facts.config).map((service) => serviceStatus(service.compose, facts.containers));
  return { ...facts, services, ...more };
}

export function codeOf(more: Partial<NonNullable<CodeFacts["target"]>> = {}, facts: Partial<CodeFacts> = {}): CodeFacts {
  const target = { commit: TARGET, subject: "Sort tools by name", ahead: 4, behind: 0, changed: [], ...more };
  return { head: HEAD, subject: "Add tools", branch: "main", dirty: [], target, ...facts };
}

/** A release of everything that runs, made at the commit that is checked out. */
export function releaseOf(facts: ComposeFacts, number: number, more: Partial<ReleaseEvent> = {}): ReleaseEvent {
  return {
    v: 1,
    at: `2026-11-${String(number).padStart(2, "0")}T08:00:00Z`,
    type: "release",
    run: `r${number}abc`,
    app: "app",
    release: number,
    operation: "deploy",
    by: "anna@laptop",
    code: facts.code && { commit: facts.code.head, branch: "main", subject: facts.code.subject },
    tags: facts.tags,
    images: Object.fromEntries(
      facts.services.flatMap(({ service, image }) => (image ? [[service, { ...image, digests: [] }]] : [])),
    ),
    configs: Object.fromEntries(facts.services.map(({ service }) => [service, facts.hashes[service] as string])),
    env: facts.env,
    ...more,
  };
}

export function planOfDraft(operation: string, place: Place, facts: ComposeFacts, draft: Draft): Plan {
  const { nothing: _, ...drafted } = draft;
  return { version: 1, id: context.run, operation, host: place.host.name, app: place.app.name, basis: facts.basis, ...drafted };
}

/** The dry run. */
export function textOf(operation: string, place: Place, facts: ComposeFacts, draft: Draft): string {
  if (draft.nothing !== undefined) return `nothing to do: ${draft.nothing}\n`;
  return `${planText(planOfDraft(operation, place, facts, draft), plain).join("\n")}\n`;
}
