// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Compose's own, or a script's
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import type { HostName } from "../model/names.ts";
import { LocalTransport } from "../transport/local.ts";
import { accepted } from "./accept.ts";
import { readCompose } from "./compose-text.ts";
import { readFolder } from "./folder.ts";
import type { Found } from "./found.ts";
import { propose } from "./propose.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const here = new LocalTransport("here" as HostName);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tend-init-"));
});
afterAll(async () => {
  await here.close();
  await rm(folder, { recursive: true, force: true });
});

function declarationOf(found: Found): string {
  const { text } = accepted(propose(found, "home"), "Begun by tend init.", "/home/me/tend.yaml");
  expect(() => parseFleet(text, "/home/me/tend.yaml"), text).not.toThrow();
  return text;
}

describe("compose files in the manner of those that people host", async () => {
  const zoo = join(ROOT, "test/compose-zoo");
  const names = (await readdir(zoo, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);

  test.each(names)("%s", async (name) => {
    await cp(join(zoo, name), join(folder, name), { recursive: true });
    const text = declarationOf((await readFolder(join(folder, name), here)) as Found);
    await expect(text).toMatchFileSnapshot(`golden/${name}.yaml`);
    expect(text).toMatch(/^ {2}[a-z-]+:\n {4}host: server$/m);
  });

  test("no value that looks like a secret gets into a declaration", async () => {
    const texts = await Promise.all(names.map(async (name) => declarationOf((await readFolder(join(zoo, name), here)) as Found)));
    expect(texts.join("\n")).not.toMatch(/passw|secret|token|change-?me|hunter/i);
  });
});

test("the example for the home server, from its compose files alone", async () => {
  await cp(join(ROOT, "examples/skriptoteket"), join(folder, "skriptoteket"), {
    recursive: true,
    filter: (path) => !path.includes("node_modules") && !path.endsWith("tend.yaml"),
  });
  const text = declarationOf((await readFolder(join(folder, "skriptoteket"), here)) as Found);
  await expect(text).toMatchFileSnapshot("golden/skriptoteket.yaml");
});

test("what stands beside the folder is told of by its place on the server, and read from here", async () => {
  await cp(join(ROOT, "test/compose-zoo/photos/hwaccel.yaml"), join(folder, "beside/base.yaml"));
  await cp(join(ROOT, "test/compose-zoo/photos/.env"), join(folder, "beside/app/.env"));
  await writeFile(
    join(folder, "beside/app/compose.yaml"),
    "services: { web: { extends: { file: ../base.yaml, service: cpu }, image: 'a:1', volumes: ['../media:/media', '~/x:/x'] } }\n",
  );
  const text = declarationOf((await readFolder(join(folder, "beside/app"), here)) as Found);
  expect(text).toContain("left out: ~/apps/media of web: outside the app's folder");
  expect(text).toContain("left out: ~/x of web: outside the app's folder");
  expect(text).not.toContain("can't be read");
});

test("a folder without a compose file has nothing to tell", async () => {
  const empty = await mkdtemp(join(folder, "empty-"));
  expect(await readFolder(empty, here)).toBeUndefined();
});

test("a file that isn't YAML, or isn't a compose file, is told of and harms nothing", async () => {
  const odd = await mkdtemp(join(folder, "odd-"));
  for (const text of [
    "a: [",
    "",
    "just text",
    "- a\n- b",
    "services: []",
    "services: {web: 3}",
    "services:\n  web: *nobody",
    "\u0000\u0001",
  ]) {
    await writeFile(join(odd, "compose.yaml"), text);
    declarationOf((await readFolder(odd, here)) as Found);
  }
});

test("files that include and extend each other without end come to one", () => {
  const texts = new Map([
    ["/x/a.yaml", "include: [b.yaml]\nservices:\n  web: {extends: {file: b.yaml, service: web}, image: a}"],
    ["/x/b.yaml", "include: [a.yaml]\nservices:\n  web: {extends: {file: a.yaml, service: web}}\n  db: {extends: db}"],
  ]);
  const { services } = readCompose(["/x/a.yaml"], { read: (path) => texts.get(path), variables: new Map() });
  expect(services.map(({ name }) => name).toSorted()).toEqual(["db", "web"]);
});

/** Names that would break out of a line, a comment, a quote or a block, if anything let them. */
const hostile = fc.oneof(
  fc.constantFrom(
    "web",
    "db",
    "a: b",
    "x\n  evil: true",
    "# no",
    "'",
    '"',
    "*a",
    "&a",
    "{",
    "]",
    "- a",
    "!!js",
    "\u2028x",
    "\u0000",
    "~",
    "null",
    "__proto__",
    "..",
    "-rf",
  ),
  fc.string({ maxLength: 12 }),
);
const scalar = fc.oneof(hostile, fc.integer(), fc.boolean(), fc.constant(null));
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(hostile, tie("value"), { maxKeys: 3 }),
  ),
})).value;

const service = fc.record(
  {
    image: fc.oneof(hostile, fc.constantFrom("nginx:1", "postgres:17", "traefik:v3", "redis", "acme/web:${TAG}", "mariadb:11")),
    build: anything,
    container_name: hostile,
    environment: fc.oneof(
      anything,
      fc.dictionary(
        fc.constantFrom("VIRTUAL_HOST", "VIRTUAL_PORT", "VIRTUAL_PATH", "DATABASE_URL", "POSTGRES_DB", "POSTGRES_USER"),
        hostile,
      ),
      hostile.map((name) => ({ DATABASE_URL: `postgres://${name}:pw@db/${name}`, VIRTUAL_HOST: `${name}.example,shop.example` })),
      hostile.map((name) => ({ DATABASE_URL: `sqlite:////data/${name}.db` })),
    ),
    labels: fc.oneof(
      anything,
      hostile.map((name) => ({ "traefik.http.routers.x.rule": `Host(\`${name}.example\`) && PathPrefix(\`/${name}\`)` })),
    ),
    volumes: fc.oneof(
      anything,
      fc.array(
        hostile.map((name) => `${name}:/data`),
        { maxLength: 3 },
      ),
      hostile.map((name) => [`./${name}:/data`]),
    ),
    ports: fc.oneof(anything, fc.constant(["80:80"])),
    healthcheck: fc.oneof(
      anything,
      hostile.map((path) => ({ test: `curl http://localhost/${path}` })),
    ),
    networks: anything,
    depends_on: anything,
    profiles: anything,
    extends: anything,
  },
  { requiredKeys: [] },
);

test("whatever compose files say, what is written is a declaration, and nothing breaks out of its line", () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, service, { maxKeys: 5 }), hostile, anything, (services, name, include) => {
      const raw = JSON.stringify({ name, services, include, volumes: {} });
      const read = readCompose(["/srv/x/compose.yaml"], {
        read: (path) => (path === "/srv/x/compose.yaml" ? raw : undefined),
        variables: new Map([["TAG", name]]),
      });
      const found: Found = {
        where: { kind: "ssh", alias: "hemma" },
        home: "/home/me",
        projects: [
          {
            name,
            folder: "/srv/x",
            files: ["/srv/x/compose.yaml"],
            envFiles: [],
            there: true,
            git: { branch: name, upstream: name },
            services: read.services,
            idle: [name],
            hints: [name],
          },
        ],
        loose: [],
        configs: new Map([[name, `server { server_name ${name}.example; location / { proxy_pass http://web; } }`]]),
        extensions: new Map([[`db ${name}`, [name]]]),
        timers: [name],
        troubles: [...read.troubles],
      };
      const text = declarationOf(found);
      expect(text).not.toMatch(/^\s*evil: true/m);
      expect(text).not.toMatch(/:pw@|\bpw\b/);
    }),
    { numRuns: 120 },
  );
});
