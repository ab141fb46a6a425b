import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { environment } from "./environment.ts";

/** A command in a release's tree with the release's environment, on the caller's own streams. */
export function exec(release: string, set: readonly string[], words: readonly string[]): Promise<number> {
  const [program = "", ...args] = words;
  const folder = resolve(release);
  const child = spawn(program, args, { cwd: join(folder, "tree"), env: environment(folder, set), stdio: "inherit" });
  // A terminal's Ctrl-C reaches the command by itself.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      process.stderr.write(error.code === "ENOENT" ? `${program}: not found\n` : `${error.message}\n`);
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
