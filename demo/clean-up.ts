import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "./stage.ts";
import type { Teller } from "./teller.ts";
import { Tend } from "./tend.ts";

/** What the last run left on the host may take this long to notice that it is over. */
const PATIENCE_MS = 8000;

/** Ends the apps, sees that no process is left, and takes the folder away unless it is to be kept. Answers whether it did. */
export async function strikeTheStage(stage: Stage, say: Teller, { keep }: { readonly keep: boolean }): Promise<boolean> {
  say.line("");
  say.line(`Ending the apps …`);
  const tend = new Tend(stage, say);
  for (const app of Object.values(stage.apps)) await tend.quietly(["stop", app.name]);
  const end = Date.now() + PATIENCE_MS;
  while (processesOf(stage.folder).length > 0 && Date.now() < end) await delay(100);
  const left = processesOf(stage.folder);
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  say.verify("no process is left", left.length === 0, left.map(({ command }) => command).join("; "));
  if (keep) say.line(`The folder stays for you to look at: ${stage.folder}`);
  else await rm(stage.folder, { recursive: true, force: true });
  say.score();
  return left.length === 0;
}

/**
 * The apps, whoever keeps them and their ports, and what a run has left: by the folder that they work in or were given.
 * A person's own editor or shell in the folder is none of them.
 */
function processesOf(folder: string): readonly { readonly pid: number; readonly command: string }[] {
  const state = `${folder}/state/`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((name) => ({ pid: Number(name), command: commandOf(name), cwd: cwdOf(name) }))
    .filter(({ command, cwd }) => `${cwd}/`.startsWith(state) || (command.includes(state) && /front\.js |^sh /.test(command)));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

function cwdOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
