import type { Host } from "../model/fleet.ts";
import { prelude } from "../observe/place.ts";
import { type Action, NOTHING_YET, type Plan, type Step, type Undo } from "../plan/plan.ts";
import { lines, type Script, sh } from "../transport/argv.ts";

/** Seconds between two signs of life of whoever holds a lock, and how long without one until it counts as dead. */
export const HEARTBEAT = 1;
export const LEASE = 30;
/** Seconds without a sign of life from the tend that watches a run until another may take the run up. */
export const WATCHED = 4;

/** Where a run's files are, and its app's, on the host. */
export interface RunPaths {
  readonly run: string;
  readonly app: string;
  readonly lock: string;
}

export function runPaths(state: string, app: string, run: string): RunPaths {
  return { run: `${state}/runs/${run}`, app: `${state}/apps/${app}`, lock: `${state}/apps/${app}/lock` };
}

type HostWork = Pick<Step, "id" | "guard" | "mayFindNothing"> & { readonly action: Action };

/**
 * A part of a plan as one script that the host runs by itself: it goes on when the connection is gone or tend was
 * killed, writes an event before and after every step, keeps the lock alive, and stops at the first failure.
 */
export function segmentScript(plan: Plan, host: Host, paths: RunPaths, segment: number, work: readonly HostWork[]): Script {
  return lines([
    sh`#!/bin/sh
# tend ${plan.id}: ${plan.operation} ${plan.app}, part ${segment}`,
    prelude(host),
    sh`cd ${paths.run} || exit 1
echo $$ ${segment} >pid
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
event() { printf '{"v":1,"at":"%s","type":"%s","run":"%s",%s}\n' "$(now)" "$1" ${plan.id} "$2" >>events.jsonl; }
end() { event segment.end "\"segment\":${segment},\"exit\":$1"; rm -f pid; exit "$1"; }
( while kill -0 $$ 2>/dev/null; do : >${paths.lock}/lease; sleep ${HEARTBEAT}; done ) 2>/dev/null &
# A guard is asked once, when its first step's turn has come; later steps go by the same answer.
holds() {
  [ -f guards/"$1" ] || { ( "guard_$2" ) >/dev/null 2>&1 </dev/null; echo $? >guards/"$1.new"; mv guards/"$1.new" guards/"$1"; }
  read -r answer <guards/"$1"; [ "$answer" = 0 ]
}
step() { # id, function, guard id, guard function, whether it may find nothing to do
  [ ! -f stop ] || end 130
  if [ -n "$3" ] && ! holds "$3" "$4"; then event step.end "\"step\":\"$1\",\"result\":\"skipped\",\"exit\":0"; return 0; fi
  event step.start "\"step\":\"$1\""
  ( "$2" ) >out/"$1" 2>&1 </dev/null
  exit=$?
  if [ $exit = 0 ]; then event step.end "\"step\":\"$1\",\"result\":\"done\",\"exit\":0"; return 0; fi
  if [ $exit = ${NOTHING_YET} ] && [ -n "$5" ]; then
    note=$(tail -n 1 out/"$1" | tr -cd '[:print:]' | tr -d '"\\' | cut -c 1-200)
    event step.end "\"step\":\"$1\",\"result\":\"nothing\",\"exit\":0,\"note\":\"$note\""
    return 0
  fi
  event step.end "\"step\":\"$1\",\"result\":\"failed\",\"exit\":$exit"
  end $exit
}`,
    ...work.map(
      (item, at) => sh`step_${at}() {
${actionScript(item.action)}
}`,
    ),
    ...work.flatMap((item, at) =>
      item.guard
        ? [
            sh`guard_${at}() {
${item.guard.check}
}`,
          ]
        : [],
    ),
    ...work.map(
      (item, at) =>
        sh`step ${item.id} step_${at} ${item.guard?.id ?? ""} ${item.guard ? `${at}` : ""} ${item.mayFindNothing ? "yes" : ""}`,
    ),
    sh`end 0`,
  ]);
}

/** What is done on a failure: everything is tried, whatever the step before came to; a failure is counted. */
export function undoScript(plan: Plan, host: Host, paths: RunPaths, segment: number, undo: readonly Undo[]): Script {
  return lines([
    prelude(host),
    sh`cd ${paths.run} || exit 1
echo $$ ${segment} >pid
failed=0
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
event() { printf '{"v":1,"at":"%s","type":"%s","run":"%s",%s}\n' "$(now)" "$1" ${plan.id} "$2" >>events.jsonl; }
( while kill -0 $$ 2>/dev/null; do : >${paths.lock}/lease; sleep ${HEARTBEAT}; done ) 2>/dev/null &
undo() { # id, function
  event step.start "\"step\":\"$1\""
  ( "$2" ) >out/"$1" 2>&1 </dev/null
  exit=$?
  [ $exit = 0 ] && result=done || { result=failed; failed=1; }
  event step.end "\"step\":\"$1\",\"result\":\"$result\",\"exit\":$exit"
}`,
    ...undo.map(
      (item, at) => sh`step_${at}() {
${actionScript(item.action)}
}`,
    ),
    ...undo.map((_, at) => sh`undo ${undoId(at)} step_${at}`),
    sh`event segment.end "\"segment\":${segment},\"exit\":$failed"
rm -f pid
exit $failed`,
  ]);
}

export function undoId(at: number): string {
  return `undo-${at + 1}`;
}

export function isUndo(step: string): boolean {
  return /^undo-\d+$/.test(step);
}

/** One action as shell; the commands stand in it as the dry run prints them. */
export function actionScript(action: Action): Script {
  switch (action.kind) {
    case "exec":
      return lines([
        action.cwd === undefined ? sh`:` : sh`cd ${action.cwd} || exit 1`,
        ...action.commands.map(
          (one) => sh`{
${one}
} || exit $?`,
        ),
      ]);
    case "write":
      return sh`umask 077
printf '%s' ${action.content} >${`${action.path}.new`} && chmod ${action.mode} ${`${action.path}.new`} && mv ${`${action.path}.new`} ${action.path}`;
    case "set":
      return setScript(action.path, action.values, action.backup);
    case "wait":
      return sh`late=
end_at=$(( $(date +%s) + ${action.deadline} ))
while :; do
  ( ${action.check} )
  case $? in 0) exit 0 ;; 1) ;; *) break ;; esac
  [ "$(date +%s)" -lt "$end_at" ] || { late=1; break; }
  sleep 0.2
done
[ -z "$late" ] || echo 'not in time: ${action.deadline} s'
${action.explain}
exit 1`;
    default:
      throw new TypeError(`a ${action.kind} is no work of the host's`);
  }
}

/**
 * Written in place, so that the file keeps its mode and owner; from a complete copy, so that it is never half there.
 * A line that is there keeps its place among its comments. The copy for the undo is whole or not there at all; that the
 * file wasn't there is written down, too, lest the undo takes away one that could not be copied.
 */
function setScript(path: string, values: Readonly<Record<string, string>>, backup: string): Script {
  const settings = Object.entries(values).map(([name, value], at) => ({ at, name, text: `${name}=${value}` }));
  return sh`umask 077
if [ ! -f ${path} ]; then : >${`${backup}.none`} || exit 1
elif [ ! -f ${backup} ] && [ ! -f ${`${backup}.none`} ]; then cp ${path} ${`${backup}.copy`} && mv ${`${backup}.copy`} ${backup} || exit 1; fi
${lines(settings.map(({ at }) => sh`set_${at}=`))}
{
  [ ! -f ${path} ] || while IFS= read -r line || [ -n "$line" ]; do
    case $line in
${lines(settings.map(({ at, name, text }) => sh`    ${`${name}=`}*) [ -n "$set_${at}" ] || printf '%s\n' ${text}; set_${at}=1 ;;`))}
    *) printf '%s\n' "$line" ;;
    esac
  done <${path}
${lines(settings.map(({ at, text }) => sh`  [ -n "$set_${at}" ] || printf '%s\n' ${text}`))}
} >${`${backup}.new`} || exit 1
cat ${`${backup}.new`} >${path}`;
}
