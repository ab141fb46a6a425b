import { openSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { spawnDaemon } from "./daemon.ts";
import { ProcessFolder, readText, type Spec, writeWhole } from "./files.ts";
import { isAlive, until } from "./identity.ts";

const STARTING_MS = 10_000;

/** Starts a process, or, without a spec, starts it again as it was. One that runs already is left alone. */
export async function start(service: string, name: string, spec: Spec | undefined): Promise<number> {
  const folder = new ProcessFolder(service, name);
  if (isAlive(folder.running)) {
    console.log(`${name} runs already`);
    return 0;
  }
  if (spec) writeWhole(folder.file("spec.json"), { ...spec, release: resolve(spec.release), log: resolve(spec.log) });
  else if (!folder.spec) throw new Error(`${name} never ran: there is no ${folder.file("spec.json")}`);
  for (const file of ["process.json", "ended.json", "pid", "output"] as const) rmSync(folder.file(file), { force: true });

  const said = `${folder.path}/keeper.log`;
  const keeper = spawnDaemon(["keep", folder.service, name], openSync(said, "w", 0o600));
  await until(() => folder.running !== undefined || folder.ended !== undefined || keeper.exitCode !== null, STARTING_MS);
  const { running, ended } = folder;
  if (ended?.error) throw new Error(ended.error);
  if (!running)
    throw new Error(`it could not be started: ${readText(said)?.trim() || `nothing happened for ${STARTING_MS / 1000} s`}`);
  console.log(`${name} runs: process ${running.pid}${running.port ? `, port ${running.port}` : ""}`);
  return 0;
}
