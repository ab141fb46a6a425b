import { RESET } from "./document.ts";
import type { ComposeFiles } from "./files.ts";
import { interpolate } from "./interpolate.ts";
import { asMap, asText, isYes, type RawService } from "./raw.ts";
import { laidOver, spelledOut } from "./short-forms.ts";

/**
 * What Compose would make of the files, without Compose: of the keys that somebody looks at, and of every profile. The
 * scenario `contract` holds it against `docker compose config` for every project of the zoo.
 */
export function mergedServices(files: ComposeFiles): ReadonlyMap<string, RawService> {
  return new Map(
    [...files.layers].map(([name, layers]) => {
      let raw: RawService = {};
      for (const { document, node, variables, folder } of layers) {
        const said = asMap(document.value(node, (text) => interpolate(text, variables)));
        const replaced = [...document.entries(node)].filter(([, { value }]) => document.tagOf(value) === "!override");
        raw = laidOver(raw, spelledOut(said, folder), new Set(replaced.map(([key]) => key)));
      }
      return [name, withDefaults(raw)] as const;
    }),
  );
}

/** A network or a volume of the files' own. */
export interface Shared {
  readonly name?: string;
  readonly external: boolean;
}

/** The networks or volumes, by their keys in the files. */
export function mergedShared(files: ComposeFiles, section: "networks" | "volumes"): ReadonlyMap<string, Shared> {
  const raw = new Map<string, Record<string, unknown>>();
  for (const { document, variables } of files.documents) {
    for (const [key, { value }] of document.entries(document.entries(document.root).get(section)?.value)) {
      const said = document.value(value, (text) => interpolate(text, variables));
      if (said === RESET) raw.delete(key);
      else raw.set(key, { ...raw.get(key), ...asMap(said) });
    }
  }
  return new Map(
    [...raw].map(([key, { name, external }]) => {
      // `external: { name: edge }` is how it was written once.
      const older = asText(asMap(external)["name"]);
      return [key, { name: older ?? asText(name), external: older !== undefined || isYes(external) }];
    }),
  );
}

function withDefaults(raw: RawService): RawService {
  const alone = raw["network_mode"] !== undefined && raw["network_mode"] !== null;
  const has = Object.keys(asMap(raw["networks"])).length > 0;
  return alone || has ? raw : { ...raw, networks: { default: null } };
}
