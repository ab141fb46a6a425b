import { frontBundle, frontCommand } from "../../front/command.ts";
import { historyProbe } from "../../journal/releases.ts";
import type { Service } from "../../model/fleet.ts";
import { type CodeFacts, codeProbe } from "../../observe/git.ts";
import { type Answers, probe } from "../../observe/observe.ts";
import { appKey, basisScript, envFiles, stateFolder } from "../../observe/place.ts";
import { remotePath, type Script, sh } from "../../transport/argv.ts";
import type { AppFacts, Place, Wanted } from "../runtime.ts";
import type { FrontProgram } from "./place.ts";
import { type Processes, processesProbe, serviceStatus } from "./processes.ts";

/** All that a plan for an app of plain processes may rely on. */
export interface ProcessFacts extends AppFacts {
  readonly processes: Processes;
  readonly code?: CodeFacts;
  readonly codeTrouble?: string;
  /** The env files that are there, relative to the app's folder, by their place in the declaration. */
  readonly envFiles: Readonly<Record<number, string>>;
  /** sha256 over them. */
  readonly env: string;
  readonly front: FrontProgram;
  /** Why the host can't run processes of tend's. */
  readonly trouble?: { readonly title: string; readonly help: string };
  /** Programs that services are run by and that the host hasn't. */
  readonly missing: readonly string[];
  readonly disk?: { readonly mount: string; readonly free: number };
}

/** What the program that does the work on the host is written for. */
const OLDEST_NODE = 20;

export function processProbes(place: Place, wanted: Wanted) {
  const { app, host } = place;
  const path = remotePath(app.path);
  const state = stateFolder(host);
  return {
    basics: probe(
      sh`date -u +%Y-%m-%dT%H:%M:%SZ
printf '%s\n' ${state}
cd ${path} && pwd -P`,
      (seen) => {
        const [at = "", state = "", path] = seen.stdout.split("\n").filter(Boolean);
        return { at, state, path, trouble: seen.stderr.trim() };
      },
    ),
    history: historyProbe(state, appKey(app)),
    basis: probe(basisScript(host, app), (seen) => seen.stdout.trim()),
    processes: processesProbe(appFolderScript(place)),
    files: probe(
      sh`cd ${path} || exit 3
at=0
for file in ${envFiles(app)}; do
  [ ! -f "$file" ] || echo "$at $file"
  at=$(( at + 1 ))
done
cat ${envFiles(app)} 2>/dev/null | sha256sum | cut -d ' ' -f 1`,
      (seen) => {
        const lines = seen.stdout.split("\n").filter(Boolean);
        const found = lines.slice(0, -1).map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
        return { digest: lines.at(-1) ?? "", found: Object.fromEntries(found) as Record<number, string> };
      },
    ),
    machine: probe(
      sh`[ -r /proc/self/stat ] && echo proc
node=$(command -v node) && printf 'node %s %s\n' "$("$node" -p 'process.versions.node')" "$node"
for file in ${state}/front-*.mjs; do [ -f "$file" ] && printf 'front %s\n' "$file"; done
for program in ${programs(place)}; do command -v "$program" >/dev/null 2>&1 || printf 'missing %s\n' "$program"; done
{ df -Pk ${state} 2>/dev/null || df -Pk ${path}; } | tail -n 1 | { read -r _ _ _ free _ mount; echo "disk $free $mount"; }`,
      (seen) => seen.stdout.split("\n").filter(Boolean),
    ),
    ...(app.source.kind === "git" ? { code: codeProbe(path, { branch: app.source.branch, ref: wanted.ref, files: [] }) } : {}),
  };
}

export function appFolderScript({ app, host }: Place): Script {
  return sh`${stateFolder(host)}/apps/${appKey(app)}`;
}

/** Those that a PATH has to have; a path of the app's own can't be known before its code is there. */
function programs({ app }: Place): readonly string[] {
  if (app.env["PATH"] !== undefined) return [];
  return [...new Set(app.services.map(({ run }) => run?.[0] ?? ""))].filter((word) => word !== "" && !word.includes("/"));
}

type CodeAnswer = { readonly code?: CodeFacts; readonly trouble?: string };
export type ProcessAnswers = Omit<Answers<ReturnType<typeof processProbes>>, "code"> & { readonly code?: CodeAnswer };

export function readFacts(place: Place, answers: ProcessAnswers): ProcessFacts {
  const { basics, history, processes, files, machine, code } = answers;
  const told = (key: string) => machine.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [free, mount] = (told("disk")[0] ?? "").split(" ");
  return {
    at: basics.at,
    path: basics.path ?? place.app.path,
    state: basics.state,
    ...history,
    basis: answers.basis,
    services: place.app.services.map((service: Service) => serviceStatus(service.name, processes)),
    processes,
    code: code?.code,
    codeTrouble: basics.path === undefined ? basics.trouble : code?.trouble,
    envFiles: files.found,
    env: files.digest,
    missing: told("missing"),
    disk: mount ? { mount, free: Number(free) * 1024 } : undefined,
    ...program(place, basics.state, told("node")[0], told("front"), machine.includes("proc")),
  };
}

/** On this machine tend's own node and program do the work; elsewhere the node that is there, and a copy of the program. */
function program(
  { host }: Place,
  state: string,
  node: string | undefined,
  present: readonly string[],
  proc: boolean,
): Pick<ProcessFacts, "front" | "trouble"> {
  const linux = proc
    ? undefined
    : { title: `${host.name} has no /proc: processes can be kept on Linux only`, help: "runtime: compose" };
  if (host.reach.kind === "local") return { front: { argv: frontCommand() }, trouble: linux };
  const [version = "", path = "node"] = node?.split(" ") ?? [];
  const bundle = frontBundle();
  const own = bundle && `${state}/${bundle.name}`;
  // What another version of tend left will do for looking on.
  const there = own && present.includes(own) ? own : present.at(-1);
  const argv = [path, own ?? there ?? "front.mjs"] as const;
  const front = bundle && own && !present.includes(own) ? { argv, missing: { path: own, content: bundle.text } } : { argv };
  if (Number.parseInt(version, 10) >= OLDEST_NODE) {
    const unbuilt = { title: "the program that keeps processes on a host has not been built", help: "npm run build" };
    return { front, trouble: linux ?? (bundle ? undefined : unbuilt) };
  }
  const has = version ? `${host.name} has node ${version} only` : `${host.name} has no node`;
  return {
    front,
    trouble: {
      title: `${has}; processes are kept by node ${OLDEST_NODE} or newer`,
      help: `install node there, or use runtime: compose`,
    },
  };
}
