import { type ChildProcess, spawn } from "node:child_process";

/** Starts this program once more, in a session of its own: it outlives whoever asked for it. */
export function spawnDaemon(words: readonly string[], errors: number): ChildProcess {
  const [program = ""] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, program, ...words], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", errors],
  });
  child.unref();
  return child;
}
