import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Pid } from "./files.ts";

/**
 * What tells a process from a later one that got the same number: when it began, and on which boot. Undefined when
 * there is none, or only what its parent hasn't asked about yet.
 */
export function identityOf(pid: number): string | undefined {
  try {
    return identity(readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  } catch {
    return undefined;
  }
}

/** From the text of /proc/PID/stat: proc(5), field 3 is the state, field 22 the start in ticks since the boot. */
export function identity(stat: string, boot: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const started = fields[19];
  return started === undefined || state === "Z" || state === "X" ? undefined : `${boot.slice(0, 8)}-${started}`;
}

export function isAlive(known: Pid | undefined): boolean {
  return known !== undefined && known.identity !== "" && identityOf(known.pid) === known.identity;
}

/** Signals the process, if it is still the one that is meant. */
export function signal(known: Pid | undefined, name: NodeJS.Signals): void {
  if (known && isAlive(known)) send(known.pid, name);
}

/** Signals the process and all that it has started, unless they went into a session of their own. */
export function signalGroup(known: Pid | undefined, name: NodeJS.Signals): void {
  if (known && isAlive(known)) send(-known.pid, name);
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Answers whether it became so in time. */
export async function until(holds: () => boolean, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!holds()) {
    if (performance.now() > end) return false;
    await delay(15);
  }
  return true;
}
