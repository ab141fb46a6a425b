import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** Every process of this machine. */
export function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      const status = readProc(pid, "stat");
      const [, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
      return parent === undefined ? [] : [{ pid, parent: Number(parent) }];
    });
}

export function descendants(ancestor: number): number[] {
  const all = processes();
  const below = (pid: number): number[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(ancestor);
}

export function commandLine(pid: number): string {
  return readProc(pid, "cmdline").replaceAll("\0", " ").trim();
}

/** Empty for a process that has ended meanwhile, or isn't ours to look at. */
export function readProc(pid: number, name: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
