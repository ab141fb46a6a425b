// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files have them
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import { DEFAULT_CONTRACT } from "../model/contract.ts";
import { judgeHere } from "./here.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** The files and services that are judged of a folder with these, and the breaches' titles. */
async function judged(files: Readonly<Record<string, string>>, app = "") {
  const folder = await mkdtemp(join(tmpdir(), "tend-here-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const fleet = parseFleet(
    `fleet: home\nhosts: { far: { ssh: far } }\napps: { shop: { host: far, path: ~/shop${app} } }\n`,
    join(folder, "tend.yaml"),
  );
  const [shop] = fleet.apps.values();
  if (!shop) throw new Error("no app");
  const found = judgeHere(fleet, shop, DEFAULT_CONTRACT, folder);
  if ("unread" in found) return found;
  return { files: found.files, services: found.services, titles: found.breaches.map(({ title }) => title) };
}

const web = "services: { web: { image: 'shop:${TAG}' } }\n";

test("of the files that Compose would take: its own with any override, or those of COMPOSE_FILE", async () => {
  expect(
    await judged({ "docker-compose.yml": web, "compose.override.yaml": "services: { job: { image: 'a:1' } }\n" }),
  ).toMatchObject({ files: ["docker-compose.yml", "compose.override.yaml"], services: ["web", "job"] });
  const files = { ".env": "COMPOSE_FILE=a.yaml:b.yaml\n", "compose.yaml": "services: {}\n", "a.yaml": web };
  expect(await judged({ ...files, "b.yaml": "services: { job: { image: 'a:1' } }\n" })).toMatchObject({
    files: ["a.yaml", "b.yaml"],
  });
  expect(await judged(files)).toMatchObject({ unread: expect.stringContaining("a compose file isn't here") });
});

test("of the services in the profiles of COMPOSE_PROFILES, where the declaration names none", async () => {
  const files = {
    ".env": "COMPOSE_PROFILES=jobs, tools\n",
    "compose.yaml":
      "services: { web: { image: 'a:1' }, job: { image: 'b:1', profiles: [jobs] }, shell: { image: 'c:1', profiles: [shell] } }\n",
  };
  expect(await judged(files)).toMatchObject({ services: ["web", "job"] });
  expect(await judged(files, ", profiles: [shell]")).toMatchObject({ services: ["web", "shell"] });
});

test("with the last of several env files", async () => {
  const files = { "compose.yaml": web, "one.env": "TAG=latest\n", "two.env": "TAG=1.2.3\n" };
  const moves = "the image of web has the tag latest, which moves";
  expect(await judged(files, ", env_file: [one.env, two.env]")).toMatchObject({ titles: expect.not.arrayContaining([moves]) });
  expect(await judged(files, ", env_file: [two.env, one.env]")).toMatchObject({ titles: expect.arrayContaining([moves]) });
});

test("with the Dockerfile that stands beside the service, or in it", async () => {
  const root = "web runs as root, as its image does";
  const extended = {
    "compose.yaml": "services: { web: { extends: { file: base/compose.yaml, service: web } } }\n",
    "base/compose.yaml": "services: { web: { build: . } }\n",
    "base/Dockerfile": "FROM node:24\n",
    Dockerfile: "FROM node:24\nUSER node\n",
  };
  expect(await judged(extended)).toMatchObject({ titles: expect.arrayContaining([root]) });
  const inline = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM node:24\n";
  expect(await judged({ "compose.yaml": inline, Dockerfile: extended.Dockerfile })).toMatchObject({
    titles: expect.arrayContaining([root]),
  });
});
