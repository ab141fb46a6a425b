import type { ComposeFiles } from "./files.ts";
import { interpolate } from "./interpolate.ts";
import { asList, asMap, asText, type Composed, composedOf, type RawConfig, type RawService } from "./service.ts";
import { laidOver, spelledOut } from "./short-forms.ts";

/**
 * What Compose would make of the files, without Compose: of the keys that rules look at. The scenario `contract` holds it
 * against `docker compose config` for every project of the zoo.
 */
export function resolveFiles(files: ComposeFiles, profiles: readonly string[]): Composed {
  const networks: Record<string, Record<string, unknown>> = {};
  for (const { document, variables } of files.documents) {
    for (const [key, { value }] of document.entries(document.entries(document.root).get("networks")?.value)) {
      const network = asMap(document.value(value, (text) => interpolate(text, variables)));
      networks[key] = { ...networks[key], ...network };
    }
  }
  const services = [...files.layers].flatMap(([name, layers]): [string, RawService][] => {
    let raw: RawService = {};
    let active: readonly unknown[] = [];
    for (const { document, node, variables } of layers) {
      const said = asMap(document.value(node, (text) => interpolate(text, variables)));
      const entries = document.entries(node);
      const tagged = (tag: string) => [...entries].flatMap(([key, { value }]) => (document.tagOf(value) === tag ? [key] : []));
      for (const key of tagged("!reset")) delete raw[key];
      raw = laidOver(raw, spelledOut(said), new Set(tagged("!override")));
      active = [...active, ...asList(said["profiles"])];
    }
    if (active.length > 0 && !active.some((profile) => profiles.includes(String(profile)) || profiles.includes("*"))) return [];
    return [[name, withDefaults(raw)]];
  });
  return composedOf({ services: Object.fromEntries(services), networks: mapValues(networks) } as RawConfig);
}

function withDefaults(raw: RawService): RawService {
  const alone = raw["network_mode"] !== undefined && raw["network_mode"] !== null;
  const has = Object.keys(asMap(raw["networks"])).length > 0;
  return alone || has ? raw : { ...raw, networks: { default: null } };
}

/** `external: { name: edge }` is how it was written once. */
function mapValues(networks: Record<string, Record<string, unknown>>): RawConfig["networks"] {
  return Object.fromEntries(
    Object.entries(networks).map(([key, network]) => {
      const older = asText(asMap(network["external"])["name"]);
      return [key, older === undefined ? network : { name: older, external: true }];
    }),
  );
}
