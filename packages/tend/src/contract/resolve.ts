import type { ComposeFiles } from "../compose-files/files.ts";
import { mergedServices, mergedShared } from "../compose-files/merge.ts";
import { dockerName } from "../compose-files/names.ts";
import { asList } from "../compose-files/raw.ts";
import { type Composed, composedOf } from "./service.ts";

export interface Chosen {
  readonly project: string;
  readonly profiles: readonly string[];
}

/** The services as the rules see them: those that these profiles, or none, make active. */
export function resolveFiles(files: ComposeFiles, { project, profiles }: Chosen): Composed {
  const active = [...mergedServices(files)].filter(([, raw]) => isActive(asList(raw["profiles"]).map(String), profiles));
  const named = dockerName(files, "networks", project);
  const networks = [...mergedShared(files, "networks")].map(([key, { external }]) => [key, { name: named(key), external }]);
  const own = { default: { name: named("default"), external: false } };
  return composedOf({
    name: project,
    services: Object.fromEntries(active),
    networks: { ...own, ...Object.fromEntries(networks) },
  });
}

function isActive(wanted: readonly string[], profiles: readonly string[]): boolean {
  return wanted.length === 0 || profiles.includes("*") || wanted.some((profile) => profiles.includes(profile));
}
