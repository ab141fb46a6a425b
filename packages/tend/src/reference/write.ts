import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generated } from "./pages.ts";

const ROOT = join(import.meta.dirname, "../../../..");

/** What of the generated files is stale, missing or left over, by path. */
export async function stale(root: string): Promise<readonly string[]> {
  const files = await generated();
  const changed = [...files].filter(([path, text]) => read(join(root, path)) !== text).map(([path]) => path);
  return [...changed, ...leftOver(root, files)];
}

async function write(root: string): Promise<void> {
  const files = await generated();
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of leftOver(root, files)) rmSync(join(root, path));
}

/** Pages of operations that are no more. */
function leftOver(root: string, files: ReadonlyMap<string, string>): readonly string[] {
  try {
    return readdirSync(join(root, "docs/reference"))
      .map((name) => `docs/reference/${name}`)
      .filter((path) => !files.has(path));
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const found = await stale(ROOT);
  if (process.argv.includes("--check")) {
    for (const path of found) console.error(`stale: ${path}`);
    if (found.length > 0) console.error("npm run reference writes them");
    process.exitCode = found.length > 0 ? 1 : 0;
  } else {
    await write(ROOT);
    console.log(found.length > 0 ? found.map((path) => `written: ${path}`).join("\n") : "everything is as it should be");
  }
}
