import { posix } from "node:path";
import type { ReleaseEvent } from "../../journal/events.ts";
import { appKey, envFiles } from "../../observe/place.ts";
import type { Guard, Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, lines, type Script, sh } from "../../transport/argv.ts";
import type { Drafting, Place } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { compose, keptImage } from "./place.ts";

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
}

/**
 * Records a release: copies of its compose and env files (folder 0700, files 0600), its images under names that
 * keep them from being pruned, and its line in the journal. Values of env files stay on the host.
 */
export function record(place: Place, facts: ComposeFacts, context: Drafting, recording: Recording): Step {
  const { app } = place;
  const folder = releaseFolder(place, facts, recording.release);
  const services = Object.keys(recording.images);
  const files = configurationFiles(place, facts);
  const copies = lines([
    sh`umask 077; rm -rf ${folder}; mkdir -p ${folder}`,
    sh`for file in ${files}; do
  [ -f "$file" ] || continue
  case $file in /*) kept=absolute$file ;; *) kept=relative/$file ;; esac
  mkdir -p ${folder}/"$(dirname "$kept")" && cp "$file" ${folder}/"$kept" && chmod 600 ${folder}/"$kept" || exit 1
done`,
    sh`${compose(app, "config")} >${folder}/config.yaml 2>/dev/null`,
  ]);
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
    action: exec([copies, ...tags, ...forgetOldImages(place, facts, recording), journalLine(place, facts, context, recording)], {
      cwd: facts.path,
    }),
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
  return [sh`docker image rm ${old.map((name) => `tend/${appKey(place.app)}/${name}`)} >/dev/null 2>&1 || true`];
}

function journalLine(place: Place, facts: ComposeFacts, context: Drafting, recording: Recording): Script {
  const { app } = place;
  const services = Object.keys(recording.images);
  const fixed = JSON.stringify({
    run: context.run,
    app: appKey(app),
    release: recording.release,
    operation: recording.operation,
    by: recording.by,
    of: recording.of,
    code: recording.code,
    tags: recording.tags,
  }).slice(1, -1);
  const images = services.map((service, at) => {
    const ref = recording.images[service] as string;
    const key = `${at > 0 ? "," : ""}${JSON.stringify(service)}:{"ref":${JSON.stringify(ref)},"id":"`;
    return sh`printf '%s%s"%s}' ${key} "$(docker image inspect --format '{{.Id}}' ${keptImage(app, service, recording.release)})" "$(docker image inspect --format '{{with .RepoDigests}},"digest":{{json (index . 0)}}{{end}}' ${keptImage(app, service, recording.release)} 2>/dev/null || true)"`;
  });
  const hashes = sh`${compose(app, "config", "--hash", services.join(","))} 2>/dev/null | { comma=; while read -r service hash; do printf '%s"%s":"%s"' "$comma" "$service" "$hash"; comma=,; done; }`;
  const journal = `${facts.state}/apps/${appKey(app)}/journal.jsonl`;
  return sh`{ printf '{"v":1,"at":"%s","type":"release",%s,"images":{' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${fixed}
${lines(images)}
printf '},"configs":{'
${hashes}
printf '},"env":"%s","gap":%s}\n' "$(cat ${envFiles(app)} 2>/dev/null | sha256sum | cut -d ' ' -f 1)" "$(cat ${`${facts.state}/runs/${context.run}/gap.json`} 2>/dev/null || echo null)"
} >${`${journal}.new`} && cat ${`${journal}.new`} >>${journal} && rm -f ${`${journal}.new`}`;
}
