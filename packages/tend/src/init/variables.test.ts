// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Compose's own, or a script's
import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolate, readEnvFile, tagVariable } from "./variables.ts";

const VALUES = { TAG: "3f2a91c", EMPTY: "", REGISTRY: "registry.example" };

test.each([
  ["plain", "plain"],
  ["$TAG", "3f2a91c"],
  ["${REGISTRY:-ghcr.io/acme}/web:${TAG:-latest}", "registry.example/web:3f2a91c"],
  ["${NONE:-latest}|${EMPTY:-full}|${EMPTY-kept}|${NONE}", "latest|full||"],
  ["${NONE:-${TAG}}", "3f2a91c"],
  ["${TAG:+yes}${NONE:+no}${NONE:?must be set}", "yes"],
  ["$$TAG and 5$", "$TAG and 5$"],
  ["${broken", "${broken"],
  ["${__proto__}$constructor", ""],
])("%s is %s to Compose", (text, value) => {
  expect(interpolate(text, VALUES)).toBe(value);
});

test("any text comes to an end", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("$", "{", "}", ":", "-", "A", "_") }),
      (text) => interpolate(text, VALUES) !== undefined,
    ),
  );
});

test.each([
  ["${REGISTRY:-ghcr.io/acme}/legal-backend:${LEGAL_BACKEND_TAG:-latest}", "LEGAL_BACKEND_TAG"],
  ["registry.example/web:$TAG", "TAG"],
  ["postgres:17", undefined],
  ["web:1.2-${SUFFIX}", undefined],
  ["${IMAGE}", undefined],
])("of %s the variable that holds the tag is %s", (image, name) => {
  expect(tagVariable(image)).toBe(name);
});

test("an env file is read as Compose reads it", () => {
  expect(readEnvFile("# comment\nexport A=1\nB='two words' \nC=\"x # y\"\nD=plain # comment\nnothing\n=x\n")).toEqual({
    A: "1",
    B: "two words",
    C: "x # y",
    D: "plain",
  });
});
