import { posix } from "node:path";
import { chosenFilesScript } from "../../compose-files/chosen.ts";
import { historyProbe } from "../../journal/releases.ts";
import type { Service } from "../../model/fleet.ts";
import type { RunId, ServiceName } from "../../model/names.ts";
import { type CodeFacts, codeProbe } from "../../observe/git.ts";
import type { Answers, Probe } from "../../observe/observe.ts";
import { probe } from "../../observe/observe.ts";
import { appKey, basisScript, envFiles, stateFolder } from "../../observe/place.ts";
import { command, remotePath, type Script, sh } from "../../transport/argv.ts";
import type { AppFacts, Place, Wanted } from "../runtime.ts";
import { type ComposeConfig, parseConfig, unsetVariables } from "./config.ts";
import { type ContainerFacts, containersProbe, serviceStatus } from "./containers.ts";
import { composeArgv, KEPT } from "./place.ts";

/** All that a plan for a compose app may rely on. Secrets of the resolved configuration stay in here: it is never printed or kept. */
export interface ComposeFacts extends AppFacts {
  readonly config?: ComposeConfig;
  /** Compose's refusal, when it could not resolve the files. */
  readonly configTrouble?: string;
  /** Compose's own hash of each service's configuration: a container that bears another is replaced by a plain `up`. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly containers: readonly ContainerFacts[];
  readonly dockerTrouble?: string;
  /** Names of everything that runs on the host, whosever it is: the proxy among them. */
  readonly running: readonly string[];
  readonly networks: readonly string[];
  /** Image ids by reference, of the services' images that are there. */
  readonly images: Readonly<Record<string, string>>;
  /** Images kept for a rollback: ids by `service:release`. */
  readonly kept: Readonly<Record<string, string>>;
  readonly code?: CodeFacts;
  readonly codeTrouble?: string;
  /** The env files that are there, relative to the app's folder. */
  readonly envFiles: readonly string[];
  /** Values of the variables that hold image tags; they are no secrets. */
  readonly tags: Readonly<Record<string, string>>;
  readonly composeFiles: readonly string[];
  /** Free space in bytes where it matters: by mount point. */
  readonly disks: readonly { readonly mount: string; readonly free: number; readonly of: string }[];
  /** sha256 over the env files. */
  readonly env: string;
}

export function composeProbes(place: Place, wanted: Wanted) {
  const { app, host } = place;
  const path = remotePath(app.path);
  const state = stateFolder(host);
  const inFolder = (script: Script) => sh`cd ${path} || exit 3
${script}`;
  const tagNames = app.source.kind === "images" ? [...new Set(app.source.tags.values())] : [];
  const tagged = wanted.tag ? Object.fromEntries(tagNames.map((name) => [name, wanted.tag as string])) : {};
  const resolve = (...argv: readonly string[]) => command([...composeArgv(app), "config", ...argv], tagged);
  return {
    basics: basicsProbe(path, state),
    history: historyProbe(state, appKey(app)),
    basis: basisProbe(place),
    config: probe(inFolder(resolved(resolve)), (seen) => seen),
    files: probe(
      inFolder(sh`${
        app.compose.length > 0
          ? sh`for file in ${app.compose}; do echo "compose $file"; done`
          : sh`( ${chosenFilesScript()}
) | sed 's/^/compose /'`
      }
for file in ${envFiles(app)}; do
  [ -f "$file" ] || continue
  echo "env $file"
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in ${tagCases(tagNames)}) printf 'tag %s\n' "$line" ;; esac
  done <"$file"
done
printf 'digest %s\n' "$(cat ${envFiles(app)} 2>/dev/null | sha256sum | cut -d ' ' -f 1)"`),
      (seen) => fileLines(seen.stdout),
    ),
    containers: containersProbe,
    networks: probe(sh`docker network ls --format '{{.Name}}'`, (seen) => words(seen.stdout)),
    images: probe(
      inFolder(sh`for image in $( ${resolve("--images")} 2>/dev/null); do
  docker image inspect --format "$image {{.Id}}" "$image" 2>/dev/null
done
docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' ${`${KEPT}${appKey(app)}/*`}`),
      (seen) => pairs(seen.stdout),
    ),
    disks: probe(
      sh`root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)
df -Pk ${path} | tail -n 1 | { read -r _ _ _ free _ mount; echo "$free app $mount"; }
[ -z "$root" ] || df -Pk "$root" | tail -n 1 | { read -r _ _ _ free _ mount; echo "$free docker $mount"; }`,
      (seen) => diskLines(seen.stdout),
    ),
    ...(app.source.kind === "git"
      ? {
          code: codeProbe(path, {
            branch: app.source.branch,
            ref: wanted.ref,
            files: app.compose,
            more: targetConfig(place),
          }),
        }
      : {}),
  };
}

const HASHES = "\nhashes\n";

/** The configuration as JSON, and Compose's own hash of each service after it. */
function resolved(config: (...argv: readonly string[]) => Script): Script {
  return sh`${config("--format", "json")} || exit $?
printf '\nhashes\n'
${config("--hash", "*")} 2>/dev/null`;
}

/** The configuration at the commit that is wanted, resolved in the folder where it will stand. */
function targetConfig(place: Place): Script | undefined {
  const { app } = place;
  if (app.compose.length === 0) return undefined;
  const kept = (file: string) => sh`"$tend_target"/${file}`;
  const argv = composeArgv({ ...app, compose: [] });
  return sh`tend_target=$(mktemp -d) || exit 6
${app.compose.reduce(
  (
    all,
    file,
  ) => sh`${all}mkdir -p "$tend_target"/${posix.dirname(file)} && git show "$target":${`./${file}`} >${kept(file)} || exit 6
`,
  sh``,
)}
${resolved((...how) => sh`${argv} ${app.compose.reduce((all, file) => sh`${all} -f ${kept(file)}`, sh``)} --project-directory ${posix.dirname(app.compose[0] as string)} config ${how}`)}
rm -rf "$tend_target"`;
}

function basicsProbe(path: Script, state: Script) {
  return probe(
    sh`date -u +%Y-%m-%dT%H:%M:%SZ
cd ${path} && pwd -P
printf '%s\n' ${state}`,
    (seen) => {
      const [at = "", ...rest] = seen.stdout.split("\n").filter(Boolean);
      const found = rest.length === 2;
      return {
        at,
        path: found ? (rest[0] as string) : undefined,
        state: (found ? rest[1] : rest[0]) as string,
        trouble: seen.stderr.trim(),
      };
    },
  );
}

function basisProbe(place: Place): Probe<string> {
  return probe(basisScript(place.host, place.app), (seen) => seen.stdout.trim());
}

type CodeAnswer = { readonly code?: CodeFacts; readonly trouble?: string; readonly more?: string };
export type ComposeAnswers = Omit<Answers<ReturnType<typeof composeProbes>>, "code"> & { readonly code?: CodeAnswer };

export function readFacts(place: Place, answers: ComposeAnswers): ComposeFacts {
  const { basics, history, containers, config, files, images } = answers;
  const code = answers.code;
  const [text = "", hashes = ""] = (code?.more ?? config.stdout).split(HASHES);
  const resolved = config.exit === 0 ? parseConfig(text) : undefined;
  const own = resolved ? containers.containers.filter((container) => container.project === resolved.project) : [];
  const services = declaredServices(place, resolved);
  return {
    at: basics.at,
    path: basics.path ?? place.app.path,
    state: basics.state,
    ...history,
    basis: answers.basis,
    config: resolved,
    hashes: pairs(hashes),
    configTrouble: basics.path === undefined ? basics.trouble : config.exit === 0 ? undefined : config.stderr.trim(),
    unset: unsetVariables(config.stderr),
    containers: own,
    dockerTrouble: containers.trouble,
    running: containers.containers.filter((container) => container.state === "running").map((container) => container.name),
    networks: answers.networks,
    images: Object.fromEntries(Object.entries(images).filter(([ref]) => !ref.startsWith(KEPT))),
    kept: keptImages(images),
    code: code?.code,
    codeTrouble: code?.trouble,
    envFiles: files.env,
    tags: files.tags,
    composeFiles: files.compose,
    disks: answers.disks,
    env: files.digest,
    services: services.map((service) => serviceStatus(service.compose, own)),
  };
}

/** The app's services; where none are named, every one of the compose project. */
export function declaredServices(place: Place, config: ComposeConfig | undefined): readonly Service[] {
  if (place.app.services.length > 0) return place.app.services;
  return [...(config?.services.keys() ?? [])].map((name) => ({
    name: name as ServiceName,
    compose: name as ServiceName,
    role: "worker",
    deadline: 60,
    drain: 10,
  }));
}

export function runFolder(facts: AppFacts, run: RunId): string {
  return `${facts.state}/runs/${run}`;
}

function tagCases(names: readonly string[]): Script {
  return names.length > 0 ? names.slice(1).reduce((all, name) => sh`${all}|${`${name}=`}*`, sh`${`${names[0]}=`}*`) : sh`''`;
}

function words(text: string): readonly string[] {
  return text.split("\n").filter(Boolean);
}

function pairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(words(text).map((line) => line.split(" ") as [string, string]));
}

function fileLines(text: string) {
  const all = (key: string) =>
    words(text)
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => line.slice(key.length + 1));
  const unquoted = (value: string) => value.replace(/^(["'])(.*)\1$/, "$2");
  const tags = all("tag").map((line) => [line.slice(0, line.indexOf("=")), unquoted(line.slice(line.indexOf("=") + 1))] as const);
  return { compose: all("compose"), env: all("env"), tags: Object.fromEntries(tags), digest: all("digest")[0] ?? "" };
}

function diskLines(text: string) {
  return words(text).map((line) => {
    const [free, of, mount] = line.split(" ") as [string, string, string];
    return { free: Number(free) * 1024, of, mount };
  });
}

function keptImages(images: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(images).filter(([ref]) => ref.startsWith(KEPT));
  return Object.fromEntries(kept.map(([ref, id]) => [ref.split("/").slice(2).join("/"), id]));
}
