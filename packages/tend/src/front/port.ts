import { mkdirSync, openSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { spawnDaemon } from "./daemon.ts";
import { FrontFolder, readText } from "./files.ts";
import { isAlive, signal, until } from "./identity.ts";

const LISTENING_MS = 10_000;

/** Has the public port held, unless it is already. */
export async function openPort(service: string, port: number, address: string | undefined): Promise<number> {
  const folder = new FrontFolder(service, port);
  if (isAlive(folder.front)) return 0;
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  for (const file of ["front.json", "state.json"] as const) rmSync(folder.file(file), { force: true });
  const daemon = spawnDaemon(
    ["serve", resolve(service), String(port), ...(address ? ["--address", address] : [])],
    openSync(folder.file("log"), "w", 0o600),
  );
  await until(() => folder.front !== undefined || daemon.exitCode !== null, LISTENING_MS);
  const { front } = folder;
  if (!front || !isAlive(front))
    throw new Error(
      readText(folder.file("log"))
        ?.trim()
        .replace(/^error: /, "") || `port ${port} could not be opened`,
    );
  console.log(`port ${port} is held by process ${front.pid}`);
  return 0;
}

/** Gives the public ports back, but one that stays; requests under way are finished. */
export async function closePorts(service: string, but: number | undefined, patience: number): Promise<number> {
  const folders = FrontFolder.all(service).filter(({ port }) => port !== but);
  await Promise.all(
    folders.map(async (folder) => {
      const { front } = folder;
      signal(front, "SIGTERM");
      if (!(await until(() => !isAlive(front), patience + 1000))) signal(front, "SIGKILL");
      await until(() => !isAlive(front), LISTENING_MS);
      rmSync(folder.path, { recursive: true, force: true });
    }),
  );
  return 0;
}
