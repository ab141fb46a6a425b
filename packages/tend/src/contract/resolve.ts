import type { ComposeFiles } from "../compose-files/files.ts";
import { mergedServices, mergedShared } from "../compose-files/merge.ts";
import { asList } from "../compose-files/raw.ts";
import { type Composed, composedOf } from "./service.ts";

/** The services as the rules see them: those that these profiles, or none, make active. */
export function resolveFiles(files: ComposeFiles, profiles: readonly string[]): Composed {
  const active = [...mergedServices(files)].filter(([, raw]) => isActive(asList(raw["profiles"]).map(String), profiles));
  return composedOf({
    services: Object.fromEntries(active),
    networks: Object.fromEntries(mergedShared(files, "networks")),
  });
}

function isActive(wanted: readonly string[], profiles: readonly string[]): boolean {
  return wanted.length === 0 || profiles.includes("*") || wanted.some((profile) => profiles.includes(profile));
}
