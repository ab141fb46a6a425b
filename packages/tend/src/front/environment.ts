import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** What an app may know of whoever started it. The rest of that environment is another's business, secrets included. */
const PASSED = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"];

/**
 * A release's environment: its kept env files in their order, then what the declaration sets. Env files are read as
 * text, `KEY=VALUE` line by line: nothing in them is run.
 */
export function environment(release: string, set: readonly string[], port?: number): NodeJS.ProcessEnv {
  const passed = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const declared = set.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  return {
    ...Object.fromEntries(passed),
    ...fromFiles(join(release, "env")),
    ...Object.fromEntries(declared),
    ...(port === undefined ? {} : { HOST: "127.0.0.1", PORT: String(port) }),
  };
}

function fromFiles(folder: string): NodeJS.Dict<string> {
  return Object.assign({}, ...files(folder).map((file) => parseEnv(readFileSync(join(folder, file), "utf8"))));
}

function files(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort((one, other) => Number(one) - Number(other));
  } catch {
    return [];
  }
}
