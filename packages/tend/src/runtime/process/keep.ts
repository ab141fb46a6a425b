import type { ReleaseEvent } from "../../journal/events.ts";
import { journalLine } from "../../journal/line.ts";
import { short } from "../../observe/git.ts";
import { appKey } from "../../observe/place.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { Drafting, Place } from "../runtime.ts";
import type { ProcessFacts } from "./look.ts";
import { appFolder, digest, type RunConfig, releaseFolder, releaseOf, runConfig } from "./place.ts";
import { type KeptRelease, liveProcess, serviceFacts } from "./processes.ts";

/** So many releases can be brought back. */
export const KEPT_RELEASES = 5;

/** The number of the next release. Folders that a process runs from are never written over, recorded or not. */
export function nextRelease(facts: ProcessFacts): number {
  const running = Object.values(facts.processes.services).flatMap(({ processes }) => processes.map(({ release }) => release));
  return Math.max(0, ...facts.releases.map(({ release }) => release), ...running) + 1;
}

/** The release's own copy of the code and of the env files, so that it can be started again whatever comes after it. */
export function unpack(
  place: Place,
  facts: ProcessFacts,
  release: number,
  commit: string,
): { readonly step: Step; readonly undo: Undo } {
  const { app } = place;
  const folder = `${appFolder(facts.state, app)}/${releaseFolder(release)}`;
  const made: KeptRelease = {
    commit,
    env: facts.env,
    services: Object.fromEntries(app.services.map((service) => [service.name, runConfig(app, service)])),
  };
  return {
    step: {
      id: "unpack",
      title: `unpack ${short(commit)}`,
      because: `release ${release} runs from a folder of its own`,
      effect: "changes",
      phase: "prepare",
      action: exec(
        [
          sh`umask 077; release=${folder}`,
          sh`rm -rf "$release" && mkdir -p "$release"/tree "$release"/env`,
          ...Object.entries(facts.envFiles).map(([at, file]) => sh`cp ${file} "$release"/env/${at}`),
          sh`printf '%s\n' ${JSON.stringify(made)} >"$release"/release.json`,
          // An index of its own leaves the checkout's alone; an app may live in a part of a repository.
          sh`export GIT_INDEX_FILE="$release"/index; tree=${commit}:$(git rev-parse --show-prefix) && cd "$(git rev-parse --show-toplevel)"`,
          sh`git read-tree "$tree" && git checkout-index --all --prefix="$release"/tree/ && rm "$GIT_INDEX_FILE"`,
        ],
        { cwd: facts.path },
      ),
      fails: { id: "code.unpack", title: `the code of ${short(commit)} can't be unpacked` },
    },
    undo: { of: "unpack", title: `forget the copy of ${short(commit)}`, action: exec([["rm", "-rf", folder]]) },
  };
}

/** What a service runs in the release that is recorded. */
export interface Entry {
  readonly release: number;
  readonly commit: string;
  readonly config: RunConfig;
}

/** What every service runs now, where it has been started at all. */
export function runningNow(place: Place, facts: ProcessFacts): Readonly<Record<string, Entry>> {
  return Object.fromEntries(
    place.app.services.flatMap((service) => {
      const release = liveProcess(serviceFacts(facts.processes, service.name))?.release;
      const kept = release === undefined ? undefined : facts.processes.kept[release];
      if (release === undefined || !kept) return [];
      return [
        [service.name, { release, commit: kept.commit, config: kept.services[service.name] ?? runConfig(place.app, service) }],
      ];
    }),
  );
}

export interface Recording {
  readonly release: number;
  readonly operation: ReleaseEvent["operation"];
  readonly because: string;
  readonly of?: number;
  readonly code?: ReleaseEvent["code"];
  readonly env: string;
  readonly services: Readonly<Record<string, Entry>>;
  /** Prints what it says of the data, as JSON members, each after a comma. */
  readonly data?: Script;
}

/** Records a release, once: a step that is done again after a crash finds its line. Old releases' folders go. */
export function record(place: Place, facts: ProcessFacts, context: Drafting, recording: Recording): Step {
  return {
    id: "record",
    title: `record release ${recording.release}`,
    because: recording.because,
    effect: "changes",
    phase: "finish",
    action: exec([...forgetOld(facts, recording), releaseLine(place, facts, context, recording)], {
      cwd: appFolder(facts.state, place.app),
    }),
  };
}

function forgetOld(facts: ProcessFacts, recording: Recording): readonly Script[] {
  const newest = facts.releases.slice(1 - KEPT_RELEASES);
  const refs = newest.flatMap(({ images }) => Object.values(images).map(({ ref }) => releaseOf(ref)));
  const own = Object.values(recording.services).map(({ release }) => release);
  const running = Object.values(facts.processes.services).flatMap((service) => liveProcess(service)?.release ?? []);
  const keep = new Set([...refs, ...own, ...running]);
  const old = Object.keys(facts.processes.kept).filter((release) => !keep.has(Number(release)));
  return old.length > 0 ? [command(["rm", "-rf", ...old.map((release) => releaseFolder(Number(release)))])] : [];
}

/** What a compose release says of images, this one says of folders: where a service's code is kept, and what it is. */
function releaseLine(place: Place, facts: ProcessFacts, context: Drafting, recording: Recording): Script {
  const { release, operation, of, code, env } = recording;
  const services = Object.entries(recording.services);
  const event = {
    type: "release",
    run: context.run,
    app: appKey(place.app),
    release,
    operation,
    by: context.by,
    of,
    code,
    images: Object.fromEntries(
      services.map(([name, entry]) => [name, { ref: releaseFolder(entry.release), id: entry.commit, digests: [] }]),
    ),
    configs: Object.fromEntries(services.map(([name, { config }]) => [name, digest(config)])),
    env,
  };
  const gap = `${facts.state}/runs/${context.run}/gap.json`;
  return sh`grep -qs ${`"type":"release","run":"${context.run}"`} journal.jsonl || ${journalLine(".", event, [
    [',"gap":%s%s', sh`"$(cat ${gap} 2>/dev/null || echo null)"`, sh`"$( ${recording.data ?? sh`:`})"`],
  ])}`;
}
