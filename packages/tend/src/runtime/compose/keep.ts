import { posix } from "node:path";
import type { ReleaseEvent } from "../../journal/events.ts";
import { journalLine } from "../../journal/line.ts";
import { appKey, envFiles } from "../../observe/place.ts";
import type { Guard, Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { Drafting, Place } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { compose, KEPT, keptImage } from "./place.ts";

/** So many releases can be brought back with the registry out of reach. */
export const KEPT_RELEASES = 5;

/** Where a release's own copies of the compose and env files are. */
export function releaseFolder(place: Place, facts: ComposeFacts, release: number): string {
  return `${facts.state}/apps/${appKey(place.app)}/releases/${release}`;
}

/** A file's place in that folder; one that lies outside the app's folder keeps its absolute path. */
export function keptFile(file: string): string {
  return posix.isAbsolute(file) ? `absolute${file}` : `relative/${posix.normalize(file)}`;
}

/** The files that make up a release's configuration. */
export function configurationFiles(place: Place, facts: ComposeFacts): readonly string[] {
  return [...facts.composeFiles, ...envFiles(place.app)];
}

export interface Recording {
  readonly id: string;
  readonly title: string;
  readonly because: string;
  readonly release: number;
  readonly operation: ReleaseEvent["operation"];
  readonly by: string;
  readonly of?: number;
  readonly code?: ReleaseEvent["code"];
  readonly tags?: ReleaseEvent["tags"];
  /** Image references by compose service; what they point to is read when the step runs, unless `ids` has it. */
  readonly images: Readonly<Record<string, string>>;
  readonly ids?: Readonly<Record<string, string>>;
  readonly phase: Step["phase"];
  readonly guard?: Guard;
  /** Prints what it says of the data, as JSON members, each after a comma. */
  readonly data?: Script;
  /** Files that the plan itself makes, which weren't there when it was made. */
  readonly writes?: readonly string[];
}

/**
 * Records a release: copies of its compose and env files (folder 0700, files 0600), its images under names that
 * keep them from being pruned, and its line in the journal. Values of env files stay on the host.
 */
export function record(place: Place, facts: ComposeFacts, context: Drafting, recording: Recording): Step {
  const { app } = place;
  const folder = releaseFolder(place, facts, recording.release);
  const services = Object.keys(recording.images);
  const tags = services.map((service) =>
    command([
      "docker",
      "tag",
      recording.ids?.[service] ?? (recording.images[service] as string),
      keptImage(app, service, recording.release),
    ]),
  );
  return {
    id: recording.id,
    title: recording.title,
    because: recording.because,
    effect: "changes",
    phase: recording.phase,
    guard: recording.guard,
    action: exec(
      [
        ...keepFiles(place, facts, folder, recording.writes ?? []),
        ...tags,
        ...forgetOldImages(place, facts, recording),
        releaseLine(place, facts, context, recording),
      ],
      {
        cwd: facts.path,
      },
    ),
  };
}

/** Takes tend's own names off images of releases beyond the last five; what nothing else names is removed by Docker. */
function forgetOldImages(place: Place, facts: ComposeFacts, recording: Recording): readonly Script[] {
  const newest = recording.release;
  const keep = new Set(
    [...facts.releases.map((release) => release.release), newest].sort((a, b) => b - a).slice(0, KEPT_RELEASES),
  );
  // A rollback's images are those of the release that it brought back: they must outlive it.
  for (const release of facts.releases) if (keep.has(release.release) && release.of !== undefined) keep.add(release.of);
  const old = Object.keys(facts.kept).filter((name) => !keep.has(Number(name.split(":").at(-1))));
  if (old.length === 0) return [];
  return [sh`docker image rm ${old.map((name) => `${KEPT}${appKey(place.app)}/${name}`)} >/dev/null 2>&1 || true`];
}

/** What is known when the plan is made, and what is read once it runs: ids, hashes, the gap that was measured. */
function releaseLine(place: Place, facts: ComposeFacts, context: Drafting, recording: Recording): Script {
  const { app } = place;
  const services = Object.keys(recording.images);
  const { release, operation, by, of, code, tags } = recording;
  const event = {
    type: "release",
    run: context.run,
    app: appKey(app),
    release,
    operation,
    by,
    of,
    code,
    tags,
  };
  const images = services.map(
    (name) => `${JSON.stringify(name)}:{"ref":${JSON.stringify(recording.images[name])},"id":"%s","digests":%s}`,
  );
  const configs = services.map((name) => `${JSON.stringify(name)}:"%s"`);
  const format = `,"images":{${images.join(",")}},"configs":{${configs.join(",")}},"env":"%s","gap":%s%s`;
  const values = [
    ...services.map(
      (name) => sh`$(docker image inspect --format '{{.Id}} {{json .RepoDigests}}' ${keptImage(app, name, release)})`,
    ),
    ...services.map((name) => sh`"$( ${compose(app, "config", "--hash", name)} 2>/dev/null | cut -d ' ' -f 2)"`),
    sh`"$(cat ${envFiles(app)} 2>/dev/null | sha256sum | cut -d ' ' -f 1)"`,
    sh`"$(cat ${`${facts.state}/runs/${context.run}/gap.json`} 2>/dev/null || echo null)"`,
    recording.data ? sh`"$( ${recording.data})"` : sh`''`,
  ];
  return journalLine(`${facts.state}/apps/${appKey(app)}`, event, [[format, ...values]]);
}

/** Copies, folder by folder; the folders are 0700 and the files 0600 by the umask. */
function keepFiles(place: Place, facts: ComposeFacts, folder: string, writes: readonly string[]): readonly Script[] {
  const files = [...new Set([...facts.composeFiles, ...facts.envFiles, ...writes])];
  const byFolder = Map.groupBy(files, (file) => posix.dirname(keptFile(file)));
  return [
    sh`umask 077`,
    ...[...byFolder].flatMap(([into, group]) => [sh`mkdir -p ${`${folder}/${into}`}`, sh`cp ${group} ${`${folder}/${into}/`}`]),
    sh`${compose(place.app, "config")} >${folder}/config.yaml`,
  ];
}
