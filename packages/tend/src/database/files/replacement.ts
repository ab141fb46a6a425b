import { payloadFile } from "../../backup/read.ts";
import type { Files } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import { type Probe, probe } from "../../observe/observe.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { remotePath, type Script, sh } from "../../transport/argv.ts";
import type { Drilling, Engine, Incoming, Keepers, Replacement, Replacing } from "../engine.ts";
import { mountOf } from "./take.ts";

/** Files beside which others can be put, or why they can't. */
export interface FilesFacts {
  readonly trouble?: string;
  readonly free?: number;
}

/**
 * A shell that stands in the files' own folder: on the host, or in a container of the app's own image that has the same
 * volume, as root and without a network. `run` gives it a command; names inside are relative.
 */
function inside(subject: Files, keepers: Keepers): Script {
  const { from } = subject;
  if ("path" in from) return sh`run() { ( cd ${remotePath(from.path)} && sh -c "$1" ); }`;
  return sh`${mountOf(from.volume, keepers)}
[ -n "$mount" ] || { echo ${`error: no container of the app has the volume ${from.volume}`} >&2; exit 1; }
image=$(docker container inspect --format '{{.Image}}' "$container")
run() { docker run --rm --interactive --user 0 --network none --volumes-from "$container" --workdir "$path" --entrypoint sh "$image" -c "$1"; }`;
}

export function filesProbe(subject: Files, keepers: Keepers): Probe<FilesFacts> {
  return probe(
    sh`${inside(subject, keepers)}
run 'df -Pk . | tail -n 1; command -v tar >/dev/null || echo no tar'`,
    (seen) => {
      if (seen.exit !== 0) return { trouble: seen.stderr.trim() || "the files' folder can't be entered" };
      const free = /^\S+\s+\d+\s+\d+\s+(\d+)\s/m.exec(seen.stdout)?.[1];
      return {
        free: free === undefined ? undefined : Number(free) * 1024,
        trouble: seen.stdout.includes("no tar") ? "there is no tar" : undefined,
      };
    },
  );
}

export function refuse(subject: Files, facts: FilesFacts, { manifest }: Incoming): void {
  const stored = manifest.files[payloadFile(manifest)];
  const needed = stored?.clear?.bytes ?? stored?.bytes ?? 0;
  const tight = facts.free !== undefined && facts.free < needed * 1.1;
  if (!facts.trouble && !tight) return;
  throw new Failure({
    id: facts.trouble ? "database.unreachable" : "disk.full",
    exit: "refused",
    title: facts.trouble
      ? `the files of ${subject.name} can't be reached`
      : `there is no room for a second copy of ${subject.name}`,
    evidence: facts.trouble ? facts.trouble.split("\n").slice(-4) : undefined,
    changed: "nothing",
  });
}

/** Unpacked beside the files, and exchanged with them while nobody uses them; what was there stays in a folder beside. */
export function replace(subject: Files, _facts: FilesFacts, { keepers, incoming, former: aside }: Replacing): Replacement {
  const { run } = keepers;
  const next = aside ?? `.restored-${run}`;
  const former = aside ? `.undone-${run}` : `.before-${run}`;
  const step = (part: string, title: string, because: string, phase: Step["phase"], action: Step["action"]): Step => ({
    id: `${part}-${subject.name}`,
    title,
    because,
    effect: "changes",
    phase,
    action,
  });
  const within = (script: string) =>
    exec([
      sh`${inside(subject, keepers)}
run ${script}`,
    ]);
  return {
    former,
    prepare: incoming
      ? [
          step(
            "unpack",
            `unpack ${incoming.manifest.name} beside ${subject.name}`,
            "what is there stays until the app is stopped",
            "prepare",
            incoming.bring(
              payloadFile(incoming.manifest),
              sh`${inside(subject, keepers)}
run ${`rm -rf ${next} && mkdir ${next} && tar -C ${next} -xpf -`}`,
            ),
          ),
        ]
      : [],
    swap: [
      step("swap", `exchange the files of ${subject.name}`, "nobody uses them now", "switch", within(exchange(next, former))),
    ],
    finish: [
      {
        ...step(
          "forget",
          "remove what earlier restores put aside",
          "what this one put aside is kept",
          "finish",
          within(`for name in .before-* .undone-*; do [ "$name" = ${former} ] || rm -rf "$name"; done`),
        ),
        effect: "destroys",
      },
    ],
    undo: [
      { of: `swap-${subject.name}`, title: `the files of ${subject.name} as they were`, action: within(exchange(former, next)) },
      ...(incoming
        ? [{ of: `unpack-${subject.name}`, title: `remove ${next}`, action: within(`rm -rf ${next}`) } satisfies Undo]
        : []),
    ],
    renew: false,
  };
}

/** Done already, it is left as it is; cut short, it goes on where it was: what is moved twice is moved once. */
function exchange(next: string, former: string): string {
  return `[ -d ${next} ] || exit 0
mkdir -p ${former}
for name in * .[!.]* ..?*; do
  case $name in .restored-* | .before-* | .undone-*) continue ;; esac
  [ -e "$name" ] || [ -L "$name" ] || continue
  [ -e ${next}/.taken ] && continue
  mv "$name" ${former}/ || exit 1
done
: >${next}/.taken
cd ${next} && for name in * .[!.]* ..?*; do
  # A volume's copy has what an earlier restore had put aside.
  case $name in .taken) continue ;; .restored-*|.before-*|.undone-*) rm -rf "$name"; continue ;; esac
  [ -e "$name" ] || [ -L "$name" ] || continue
  mv "$name" .. || exit 1
done
rm .taken && cd .. && rmdir ${next}`;
}

/** Unpacked beside the files, counted, and away with it. */
export function drill(subject: Files, _facts: FilesFacts, { keepers, incoming }: Drilling): ReturnType<Engine<Files>["drill"]> {
  const scratch = `.restored-drill-${keepers.run}`;
  return {
    undo: [],
    steps: [
      {
        id: `drill-${subject.name}`,
        title: `unpack ${incoming.manifest.name} into a scratch folder, and remove it`,
        because: "what can be unpacked can be restored",
        effect: "changes",
        phase: "prepare",
        action: incoming.bring(
          payloadFile(incoming.manifest),
          sh`${inside(subject, keepers)}
run ${`rm -rf ${scratch} && mkdir ${scratch} && tar -C ${scratch} -xpf -; status=$?; rm -rf ${scratch}; exit $status`}`,
        ),
      },
    ],
  };
}
