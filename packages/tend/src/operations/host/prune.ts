import { containers } from "../../doctor/facts/containers.ts";
import { type Filesystem, filesystems } from "../../doctor/facts/filesystems.ts";
import { ask, chosenHosts, known, sceneOfHost } from "../../machine/ask.ts";
import { type JudgedImage, judgeImages } from "../../machine/images.ts";
import { type Stored, stored, sum } from "../../machine/stored.ts";
import { Failure } from "../../model/failure.ts";
import type { Host } from "../../model/fleet.ts";
import { stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts, text, usage } from "../../params.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { bytes } from "../../render/bytes.ts";
import type { Draft } from "../../runtime/runtime.ts";
import type { Session } from "../../session.ts";
import { sh } from "../../transport/argv.ts";

/** How much was free on Docker's disk before, by host: what a run has freed is measured, not reckoned. */
const before = new WeakMap<Session, Map<string, number | undefined>>();

const WEEK = 7;
const DAY = 86_400;

interface Facts {
  readonly kept: Stored;
  readonly days: number;
  /** The superseded ones. */
  readonly images: readonly JudgedImage[];
}

export const hostPrune = defineOperation({
  kind: "host",
  name: "host prune",
  summary: "Free disk: superseded images of declared apps, old build cache, stale files of tend's",
  details: `An image goes only if it was a declared app's by tend's own journal or by Compose's label, no container has it, running
or not, none of the last five releases needs it, and it has no name but those that the releases gave it. Volumes, containers,
logs, backups and other people's images are never touched. --dry-run names every image with its size.`,
  effect: "destroys",
  params: {
    hosts: someHosts(),
    buildCacheOlderThan: text(
      "days",
      `build cache that was not used for so many days goes, such as 3d; ${WEEK}d when not given, 0d for all`,
    ),
  },
  examples: [
    { command: "tend host prune hemma --dry-run", explains: "every image that would go, with its size" },
    { command: "tend host prune", explains: "on every host" },
  ],
  targets: (input, fleet) => chosenHosts(fleet, input.hosts),
  async facts({ session, fleet, host, transport }, input) {
    const days = daysOf(input.buildCacheOlderThan);
    const scene = sceneOfHost(fleet, host);
    const seen = await ask(transport, scene, { stored, containers, filesystems });
    const kept = known(seen.stored);
    const running = known(seen.containers);
    // Without knowing what runs and what is kept, everything might be needed.
    if (!kept || !running) throw unmeasured(host, seen.stored, seen.containers);
    const measured = before.get(session) ?? new Map<string, number | undefined>();
    before.set(session, measured.set(host.name, freeOf(known(seen.filesystems))));
    return { kept, days, images: judgeImages(scene, kept, running).filter((one) => one.role === "superseded") };
  },
  draft: (facts, { host }) => pruning(facts, host),
  async afterwards(session, input, out) {
    const fleet = await session.fleet();
    const freed = await Promise.all(
      chosenHosts(fleet, input.hosts).map(async (name) => {
        const host = fleet.hosts.get(name) as Host;
        const seen = await ask(await session.transport(host), sceneOfHost(fleet, host), { filesystems });
        return { host: name, before: before.get(session)?.get(name), after: freeOf(known(seen.filesystems)) };
      }),
    );
    if (out.json) {
      const measured = freed.map((one) => ({ ...one, freed: differenceOf(one) }));
      out.write(JSON.stringify({ v: 1, type: "host.prune", freed: measured }));
    } else for (const one of freed) out.write(freedText(one.host, one.before, one.after));
    return undefined;
  },
});

export function pruning({ kept, days, images }: Facts, host: Host): Draft {
  const free = images.filter((one) => one.app === undefined || !kept.busy.includes(one.app));
  const cache = sum(kept.cache.unused.flatMap((one) => (one.idle >= days * DAY ? [one.bytes] : [])));
  const cutOff = kept.partial.filter(({ of }) => !kept.busy.includes(of));
  const stale = [...kept.oldRuns, ...cutOff.map((one) => one.folder)];
  const isLeft = images.length > free.length || kept.partial.length > cutOff.length;
  const steps: Step[] = [
    ...free.map((one) => removeImage(host, one)),
    ...(cache > 0 ? [pruneCache(days)] : []),
    ...(stale.length > 0 ? [removeFiles(stale)] : []),
  ];
  return {
    title: `prune ${host.name}`,
    summary: [
      ...free.map((one) => ({
        label: "remove",
        text: `${nameOf(one)}, ${bytes(one.image.own ?? one.image.bytes)}: ${one.because}`,
      })),
      ...(isLeft ? [{ label: "leave", text: `${kept.busy.join(", ")}: somebody is at work there` }] : []),
      ...(cache > 0 ? [{ label: "remove", text: `build cache that no build used for ${days} d, ${bytes(cache)}` }] : []),
      ...stale.map((path) => ({ label: "remove", text: path })),
    ],
    steps,
    undo: [],
    watch: [],
    nothing: steps.length > 0 ? undefined : `nothing is superseded, and no build cache is older than ${days} d`,
    outcome: `${free.length} superseded ${free.length === 1 ? "image" : "images"} removed, at most ${bytes(sum(free.map((one) => one.image.own ?? 0)))}`,
  };
}

function differenceOf({ before: was, after: is }: { readonly before?: number; readonly after?: number }): number | undefined {
  return was === undefined || is === undefined ? undefined : is - was;
}

export function freedText(host: string, was: number | undefined, is: number | undefined): string {
  if (was === undefined || is === undefined) return `${host}: what was freed could not be measured`;
  const change = is >= was ? `${bytes(is - was)} freed` : `${bytes(was - is)} less free: something else is writing`;
  return `${host}: ${change}, measured: ${bytes(was)} were free on Docker's disk, now ${bytes(is)}`;
}

function daysOf(given: string | undefined): number {
  if (given === undefined) return WEEK;
  const found = /^(\d{1,4})d?$/.exec(given);
  if (!found) throw usage(`"${given}" is no number of days: expected such as 3d`);
  return Number(found[1]);
}

/** One image, by its names where it has some: so Docker itself refuses one that a container has got meanwhile. */
function removeImage(host: Host, one: JudgedImage): Step {
  const { image, app = "" } = one;
  const id = image.id.replace(/^sha256:/, "").slice(0, 12);
  return {
    id: `image-${id}`,
    title: `remove ${nameOf(one)}`,
    because: one.because,
    effect: "destroys",
    phase: "finish",
    guard: {
      id: `unused-${id}`,
      text: "no container has it, and nobody is at work on its app",
      otherwise: "it is needed after all",
      check: sh`[ ! -e ${stateFolder(host)}/apps/${app}/lock ] && [ -z "$(docker ps -aq --filter ${`ancestor=${image.id}`})" ]`,
    },
    action: exec([["docker", "image", "rm", ...(image.tags.length > 0 ? image.tags : [image.id])]]),
  };
}

function pruneCache(days: number): Step {
  return {
    id: "build-cache",
    title: `remove build cache that was not used for ${days} d`,
    because: "a build makes anew what it needs",
    effect: "destroys",
    phase: "finish",
    action: exec([
      days === 0
        ? sh`docker builder prune --all --force`
        : sh`docker builder prune --all --force --filter ${`until=${days * 24}h`}`,
    ]),
  };
}

function removeFiles(paths: readonly string[]): Step {
  return {
    id: "stale-files",
    title: `remove ${paths.length} stale ${paths.length === 1 ? "folder" : "folders"} of tend's`,
    because: "runs that ended over a month ago, and backups that were cut off over a day ago",
    effect: "destroys",
    phase: "finish",
    action: exec([["rm", "-rf", "--", ...paths]]),
  };
}

function nameOf({ image, app, release }: JudgedImage): string {
  const [first] = image.tags;
  const id = image.id.replace(/^sha256:/, "").slice(0, 12);
  return first ?? `${id}${app === undefined ? "" : ` of ${app}`}${release === undefined ? "" : `, release ${release}`}`;
}

function freeOf(all: readonly Filesystem[] | undefined): number | undefined {
  return all?.find((one) => one.holds.includes("docker"))?.free;
}

function unmeasured(host: Host, ...answers: readonly (object | { readonly unmeasured: string })[]): Failure {
  const why = answers.flatMap((one) => ("unmeasured" in one ? [String(one.unmeasured)] : []));
  return new Failure({
    id: "docker.unreachable",
    exit: "unreachable",
    title: `what ${host.name} needs can't be told, so nothing is removed`,
    where: host.name,
    evidence: why,
    changed: "nothing",
    help: `tend doctor --only host`,
  });
}
