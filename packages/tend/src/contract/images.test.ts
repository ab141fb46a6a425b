import { describe, expect, test } from "vitest";
import { dataFolder, imageRef, knownByDockerfile, knownByName } from "./images.ts";

test.each([
  ["postgres", { name: "postgres", tag: undefined, digest: undefined }],
  ["docker.io/library/redis:8", { name: "redis", tag: "8", digest: undefined }],
  ["registry.example:5000/acme/web", { name: "registry.example:5000/acme/web", tag: undefined, digest: undefined }],
  ["registry.example:5000/web:1.0@sha256:ab", { name: "registry.example:5000/web", tag: "1.0", digest: "sha256:ab" }],
])("the image %s", (image, ref) => expect(imageRef(image)).toEqual(ref));

test.each([
  ["postgres:17.2-alpine", "/var/lib/postgresql/data"],
  ["docker.io/library/postgres:18", "/var/lib/postgresql"],
  ["postgres", "/var/lib/postgresql"],
  ["mongo:8", "/data/db"],
  ["ghcr.io/acme/postgres:17", undefined],
])("%s keeps its data in %s", (image, folder) => expect(dataFolder(image)).toBe(folder));

describe("what is known of an image by its name", () => {
  test.each([
    ["node:24-alpine", "curl", false],
    ["node:24-alpine", "wget", true],
    ["node:24-slim", "wget", false],
    ["node:24", "curl", undefined],
    ["docker.io/library/postgres:17", "pg_isready", true],
    ["postgres:17", "curl", false],
    ["gcr.io/distroless/nodejs24", "sh", false],
    ["gcr.io/distroless/nodejs24:debug", "sh", undefined],
    ["traefik:v3.1", "wget", true],
    ["ghcr.io/acme/postgres:17", "pg_isready", undefined],
  ])("%s and %s: %s", (image, tool, there) => expect(knownByName(image).tools?.get(tool)).toBe(there));

  test("official ones start as root, some give it up, and none has a health check", () => {
    expect(knownByName("postgres:17")).toMatchObject({ user: "", dropsRoot: true, healthcheck: false });
    expect(knownByName("node:24")).toMatchObject({ user: "", dropsRoot: false, healthcheck: false });
    expect(knownByName("ghcr.io/acme/web:1").user).toBeUndefined();
    expect(knownByName("gcr.io/distroless/static:nonroot").user).toBe("nonroot");
  });
});

describe("what a Dockerfile tells", () => {
  test("its last stage counts", () => {
    const text =
      "FROM node:24 AS build\nUSER root\nHEALTHCHECK CMD x\n\nFROM node:24-slim\nCOPY --from=build /app /app\nUSER node\n";
    const known = knownByDockerfile(text);
    expect(known).toMatchObject({ user: "node", healthcheck: false });
    expect([known.tools?.get("node"), known.tools?.get("curl")]).toEqual([true, undefined]);
  });

  test("what it leaves open is its base's", () => {
    expect(knownByDockerfile("FROM postgres:17\n")).toMatchObject({ user: "", dropsRoot: true });
    expect(knownByDockerfile("FROM caddy:2.10\nHEALTHCHECK --interval=5s CMD wget -q x\n").healthcheck).toBe(true);
    expect(knownByDockerfile("FROM caddy:2.10\nHEALTHCHECK NONE\n").healthcheck).toBe(false);
  });

  test("or nobody's: another stage, or a variable", () => {
    expect(knownByDockerfile("ARG BASE\nFROM $BASE\n").user).toBeUndefined();
    expect(knownByDockerfile("FROM node:24 AS node\nUSER node\nFROM node\n").user).toBeUndefined();
  });
});
