// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Compose's own, or a script's
import { expect, test } from "vitest";
import { kindOf, tagVariable } from "./kinds.ts";

test.each([
  ["${REGISTRY:-ghcr.io/acme}/legal-backend:${LEGAL_BACKEND_TAG:-latest}", "LEGAL_BACKEND_TAG"],
  ["registry.example/web:$TAG", "TAG"],
  ["postgres:17", undefined],
  ["web:1.2-${SUFFIX}", undefined],
  ["${IMAGE}", undefined],
])("of %s the variable that holds the tag is %s", (image, name) => {
  expect(tagVariable(image)).toBe(name);
});

test.each([
  ["docker.io/library/postgres:17@sha256:00", "postgres"],
  ["registry.example:5000/acme/pgvector:pg17", "postgres"],
  ["prodrigestivill/postgres-backup-local:17", "app"],
  ["acme/postgres-meta:v0.91.0", "app"],
  ["confluentinc/cp-kafka:7.6.1", "engine"],
  ["valkey/valkey:8", "engine"],
  ["grafana/grafana:12.0.1", "app"],
])("%s: %s", (image, kind) => expect(kindOf({ image, published: [], labels: {} }).kind).toBe(kind));
