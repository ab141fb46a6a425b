import { posix } from "node:path";
import { type Script, sh } from "../transport/argv.ts";
import type { Variables } from "./interpolate.ts";

/** Compose's own names, in its order; and those of the file that it lays over the one it found. */
const DEFAULT_FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const OVERRIDES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** Whether Compose takes a file of this name by itself. */
export function isDefaultFile(path: string): boolean {
  return [...DEFAULT_FILES, ...OVERRIDES].includes(posix.basename(path));
}

/** The files that Compose takes where it is told none. */
export function chosenFiles(isThere: (name: string) => boolean, variables: Variables): readonly string[] {
  const given = variables.get("COMPOSE_FILE");
  if (given) {
    const files = given.split(variables.get("COMPOSE_PATH_SEPARATOR") || ":").filter(Boolean);
    return files.every(isThere) ? files : [];
  }
  const found = DEFAULT_FILES.find(isThere);
  return found === undefined ? [] : [found, ...OVERRIDES.filter(isThere).slice(0, 1)];
}

/** The profiles that Compose takes where it is told none. */
export function chosenProfiles(variables: Variables): readonly string[] {
  return (variables.get("COMPOSE_PROFILES") ?? "")
    .split(",")
    .map((profile) => profile.trim())
    .filter(Boolean);
}

/** The same of files on a host, in the folder that the script is in; a line each. */
export function chosenFilesScript(): Script {
  return sh`given=$COMPOSE_FILE
[ -n "$given" ] || given=$(sed -n 's/^COMPOSE_FILE=//p' .env 2>/dev/null | tail -n 1 | tr -d "\"'")
if [ -n "$given" ]; then printf '%s\n' "$given" | tr : '\n'
else
  first() { for file in "$@"; do [ -f "$file" ] && { echo "$file"; return; }; done; return 1; }
  first ${DEFAULT_FILES} && first ${OVERRIDES}
fi`;
}
