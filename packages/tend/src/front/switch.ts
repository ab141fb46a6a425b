import { FrontFolder, liveFile, ProcessFolder, type Target, writeWhole } from "./files.ts";
import { isAlive, signal, until } from "./identity.ts";

const HEARD_MS = 5000;

/** From now on this process is the service: requests go to it. Ends when every front has said so. */
export async function switchTo(service: string, name: string): Promise<number> {
  const { running } = new ProcessFolder(service, name);
  writeWhole(liveFile(service), `${name}\n`);
  if (running?.port !== undefined) await tell(service, { process: name, port: running.port });
  return 0;
}

/** Requests wait in the front, while there is nobody to answer them, for at most so long. */
export async function pause(service: string, milliseconds: number): Promise<number> {
  await tell(service, { pausedUntil: Date.now() + milliseconds });
  return 0;
}

async function tell(service: string, target: Target): Promise<void> {
  for (const folder of FrontFolder.all(service)) {
    writeWhole(folder.file("target.json"), target);
    const { front } = folder;
    if (!front || !isAlive(front)) continue;
    signal(front, "SIGHUP");
    const heard = await until(() => JSON.stringify(folder.state?.target) === JSON.stringify(target) || !isAlive(front), HEARD_MS);
    if (!heard) throw new Error(`whoever holds port ${folder.port} (process ${front.pid}) doesn't listen`);
  }
}
