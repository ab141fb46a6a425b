import { redact } from "../execute/redact.ts";
import { VERSION } from "../version.ts";
import type { Examined } from "./diagnose.ts";

/**
 * All that was seen and what was made of it, for somebody else to look at. Whatever looks like a secret is taken out, by
 * its name or its shape; the answers are otherwise as they came, so that they can be judged again elsewhere.
 */
export function bundleOf(examined: readonly Examined[]): object {
  return {
    v: 1,
    type: "doctor.bundle",
    tend: VERSION,
    hosts: examined.map(({ scene, gathered, diagnosis }) => ({
      host: scene.host.name,
      apps: scene.apps.map((app) => app.name),
      at: scene.now.toISOString(),
      answers: withoutSecrets(gathered.raw),
      facts: withoutSecrets(gathered.facts),
      diagnosis,
    })),
  };
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        /pass|secret|token/i.test(key) && typeof inner === "string" ? "[REDACTED]" : withoutSecrets(inner),
      ]),
    );
  return value;
}
