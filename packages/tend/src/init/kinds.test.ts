// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Compose's own, or a script's
import { expect, test } from "vitest";
import { tagVariable } from "./kinds.ts";

test.each([
  ["${REGISTRY:-ghcr.io/acme}/legal-backend:${LEGAL_BACKEND_TAG:-latest}", "LEGAL_BACKEND_TAG"],
  ["registry.example/web:$TAG", "TAG"],
  ["postgres:17", undefined],
  ["web:1.2-${SUFFIX}", undefined],
  ["${IMAGE}", undefined],
])("of %s the variable that holds the tag is %s", (image, name) => {
  expect(tagVariable(image)).toBe(name);
});
