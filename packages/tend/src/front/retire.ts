import { rmSync } from "node:fs";
import { FrontFolder, liveFile, ProcessFolder, readText } from "./files.ts";
import { isAlive, signalGroup, until } from "./identity.ts";

/** How long a process that was killed may still be seen. */
const GONE_MS = 5000;

/**
 * Ends every process of a service but one, whatever run they are from: requests under way are waited for, then they
 * are asked to end. What ended earlier is forgotten; what ends now could still be started again.
 */
export async function retire(service: string, live: string, patience: number): Promise<number> {
  const others = ProcessFolder.all(service).filter((folder) => folder.name !== live);
  const last = readText(liveFile(service))?.trim();
  for (const folder of others) {
    // How the one that was the service has ended is still worth knowing.
    if (folder.name !== last && !isAlive(folder.running)) rmSync(folder.path, { recursive: true, force: true });
  }
  await Promise.all(others.filter((folder) => isAlive(folder.running)).map((folder) => end(folder, patience)));
  return 0;
}

export async function stop(service: string, name: string, patience: number): Promise<number> {
  await end(new ProcessFolder(service, name), patience);
  return 0;
}

async function end(folder: ProcessFolder, patience: number): Promise<void> {
  const { running } = folder;
  if (!running || !isAlive(running)) return;
  if (running.port !== undefined && !(await drained(folder.service, running.port, patience))) {
    console.log(`${folder.name}: requests were still under way after ${patience / 1000} s`);
  }
  signalGroup(running, "SIGTERM");
  if (!(await until(() => !isAlive(running), patience))) {
    console.log(`${folder.name} didn't end within ${patience / 1000} s: killed`);
    signalGroup(running, "SIGKILL");
  }
  if (!(await until(() => !isAlive(running) && !isAlive(running.keeper), GONE_MS)))
    throw new Error(`process ${running.pid} can't be ended`);
  console.log(`${folder.name} ended: process ${running.pid}`);
}

/** Whether no front has a request under way to this port. One that is the target still is not waited for. */
async function drained(service: string, port: number, patience: number): Promise<boolean> {
  const fronts = FrontFolder.all(service).filter((folder) => isAlive(folder.front));
  const waiting = fronts.filter(({ state }) => state?.target && !("port" in state.target && state.target.port === port));
  return until(() => waiting.every((folder) => !isAlive(folder.front) || !folder.state?.inFlight[port]), patience);
}
