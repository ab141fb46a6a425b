import { Failure } from "../model/failure.ts";
import type { RunId } from "../model/names.ts";
import { type Script, sh } from "../transport/argv.ts";
import { LEASE, type RunPaths } from "./host-script.ts";

/** Who works on an app. It is written beside the lock, and shown to whoever finds it taken. */
export interface LockOwner {
  readonly run: string;
  readonly title: string;
  /** `anna@laptop` */
  readonly by: string;
  readonly since: string;
}

/** What `takeLock` ends with when somebody else holds it; it has then printed the owner. */
export const LOCKED = 76;

/**
 * Takes an app's lock, which is a folder: mkdir is atomic everywhere. A lock whose lease has run out is taken over,
 * by one only, and only if it is still the dead one when the move is made. A run may take its own lock again.
 */
export function takeLock(paths: RunPaths, owner: LockOwner): Script {
  return sh`( umask 077 && mkdir -p ${paths.app} ${paths.run} ) || exit 1
lock=${paths.lock}
age() { echo "$(( $(date +%s) - $1 ))"; }
stale() { [ "$(age "$(stat -c %Y "$lock/lease" 2>/dev/null || stat -c %Y "$lock" 2>/dev/null || echo 0)")" -gt ${LEASE} ]; }
mine() { case "$(cat "$lock/owner" 2>/dev/null)" in *${`"run":"${owner.run}"`}*) return 0 ;; esac; return 1; }
tries=0
until mkdir -m 700 "$lock" 2>/dev/null; do
  if mine; then break; fi
  tries=$(( tries + 1 ))
  if [ $tries -gt 8 ] || ! stale; then cat "$lock/owner" 2>/dev/null; exit ${LOCKED}; fi
  if mkdir "$lock.taking" 2>/dev/null; then
    if stale; then rm -rf "$lock.dead"; mv "$lock" "$lock.dead"; rm -rf "$lock.dead"; fi
    rmdir "$lock.taking"
  else
    # Taking over takes no time: who is still at it after seconds was killed.
    sleep 1
    [ "$(age "$(stat -c %Y "$lock.taking" 2>/dev/null || date +%s)")" -lt 5 ] || rmdir "$lock.taking" 2>/dev/null
  fi
done
printf '%s\n' ${JSON.stringify(owner)} >"$lock/owner"
: >"$lock/lease"
: >"$lock/watched"`;
}

/** Gives the lock back, if it is this run's. It is moved away first, lest a sign of life is put into it while it is removed. */
export function giveLock(paths: RunPaths, run: RunId): Script {
  const away = `${paths.lock}.${run}`;
  return sh`case "$(cat ${paths.lock}/owner 2>/dev/null)" in *${`"run":"${run}"`}*) mv ${paths.lock} ${away} && rm -rf ${away} ;; esac`;
}

export function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text.trim()) as LockOwner;
    return typeof owner.run === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}

export function lockedFailure(app: string, host: string, owner: LockOwner | undefined): Failure {
  const since = owner ? new Date(owner.since) : undefined;
  return new Failure({
    id: "run.locked",
    exit: "locked",
    title: `${app} is being worked on${owner ? ` by ${owner.by}: ${owner.title}` : ""}`,
    where: `${host} · ${app}${owner ? ` · run ${owner.run}, since ${since?.toISOString().slice(11, 19)} UTC` : ""}`,
    changed: "nothing",
    help: owner ? `tend journal ${app} ${owner.run}, or tend unlock ${app} if you know that it is dead` : `tend unlock ${app}`,
  });
}
