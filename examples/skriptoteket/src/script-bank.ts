import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Database } from "./database.ts";
import type { Actor } from "./users.ts";

/** A tool that comes with the app. Its first line says what it is: `// Title: summary`. */
export interface Script {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly code: string;
}

export interface SeedOptions {
  readonly artifacts: string;
  readonly actor: Actor;
  /** A new version of what the server has in another form. */
  readonly syncCode: boolean;
  readonly dryRun: boolean;
}

export async function readScripts(folder: string): Promise<Script[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".mjs")).sort();
  return Promise.all(
    files.map(async (file) => {
      const code = await readFile(join(folder, file), "utf8");
      const [, title, summary] = /^\/\/ ([^:\n]+): (.+)\n/.exec(code) ?? [];
      if (!title || !summary) throw new Error(`${file}: its first line should be // Title: summary`);
      return { slug: basename(file, ".mjs"), title, summary, code };
    }),
  );
}

/** Returns a line for each script that is new or changed. Run again, it does what is left. */
export async function seed(database: Database, scripts: readonly Script[], options: SeedOptions): Promise<string[]> {
  const said: string[] = [];
  for (const script of scripts) {
    const sha256 = createHash("sha256").update(script.code).digest("hex");
    const [newest] = await database.query<{ version: number; sha256: string }>(
      `SELECT v.version, v.sha256 FROM tools t JOIN tool_versions v ON v.tool_id = t.id WHERE t.slug = $1 ORDER BY v.version DESC LIMIT 1`,
      [script.slug],
    );
    if (newest && (newest.sha256 === sha256 || !options.syncCode)) continue;
    const version = (newest?.version ?? 0) + 1;
    said.push(`${options.dryRun ? "would add" : "added"} ${script.slug} version ${version}`);
    if (!options.dryRun) await addVersion(database, script, version, sha256, options);
  }
  return said;
}

/** The file comes first: a row without its file is what nobody could use. */
async function addVersion(
  database: Database,
  script: Script,
  version: number,
  sha256: string,
  options: SeedOptions,
): Promise<void> {
  const file = `scripts/${script.slug}/${version}.mjs`;
  const path = join(options.artifacts, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, script.code);
  await rename(`${path}.new`, path);
  await database.transaction(async (tx) => {
    await tx.query("INSERT INTO tools (slug, title, summary) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING", [
      script.slug,
      script.title,
      script.summary,
    ]);
    await tx.query(
      `INSERT INTO tool_versions (tool_id, version, file, sha256, created_by) SELECT id, $2, $3, $4, $5::bigint FROM tools WHERE slug = $1`,
      [script.slug, version, file, sha256, options.actor.id],
    );
  });
}
