import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "./http.ts";

/** Files that visitors hand in to work on. They are kept among the artifacts, a folder a session. */
export async function keepSessionFile(artifacts: string, input: unknown): Promise<{ file: string }> {
  const { name, text } = (typeof input === "object" && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof name !== "string" || !/^[\w-][\w.-]{0,99}$/.test(name)) throw new Refusal(422, "name: a file name is expected");
  if (typeof text !== "string") throw new Refusal(422, "text: a text is expected");
  const file = `sessions/${randomUUID()}/${name}`;
  await mkdir(join(artifacts, file, ".."), { recursive: true });
  await writeFile(join(artifacts, file), text);
  return { file };
}

/** How many sessions had files. */
export async function clearSessionFiles(artifacts: string): Promise<number> {
  const folder = join(artifacts, "sessions");
  const sessions = await readdir(folder).catch(() => []);
  for (const session of sessions) await rm(join(folder, session), { recursive: true, force: true });
  return sessions.length;
}
