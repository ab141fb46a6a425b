import { describe, expect, test } from "vitest";
import { accepted } from "./accept.ts";
import type { Found, FoundProject, FoundService, Mount } from "./found.ts";
import { propose } from "./propose.ts";

const service = (name: string, more: Partial<FoundService> = {}): FoundService => ({
  name,
  container: `${name}-1`,
  image: `acme/${name}:1`,
  built: false,
  done: false,
  env: {},
  addresses: [],
  labels: {},
  published: [],
  exposed: [],
  mounts: [],
  health: [],
  networks: { net: [name] },
  dependsOn: [],
  profiles: [],
  ...more,
});

const project = (name: string, services: readonly FoundService[], more: Partial<FoundProject> = {}): FoundProject => ({
  name,
  folder: `/home/me/apps/${name}`,
  files: [`/home/me/apps/${name}/compose.yaml`],
  envFiles: [],
  there: true,
  services,
  idle: [],
  hints: [],
  ...more,
});

const mount = (from: Mount["from"], more: Partial<Mount> = {}): Mount => ({
  from,
  target: "/data",
  writable: true,
  isFile: false,
  sqlite: [],
  others: true,
  ...more,
});

function proposed(projects: readonly FoundProject[], more: Partial<Found> = {}) {
  const found: Found = {
    where: { kind: "ssh", alias: "anna@hemma" },
    home: "/home/me",
    projects,
    loose: [],
    configs: new Map(),
    extensions: new Map(),
    timers: [],
    troubles: [],
    ...more,
  };
  const { text, proposal } = accepted(propose(found, "home"), "Begun.", "/home/me/tend.yaml");
  return { text, proposal, apps: Object.fromEntries(proposal.apps.map((app) => [app.name, app])) };
}

const proxy = service("proxy", { image: "nginx:1.27", container: "front", published: [80] });

test("a project with the way in is taken apart by names, domains and what waits for what; any other is one app", () => {
  const config =
    "server { server_name shop.example; location / { proxy_pass http://shop:80; } location /api { proxy_pass http://api; } }";
  const parts = [
    proxy,
    service("shop"),
    service("api"),
    service("mail"),
    service("mail-queue"),
    service("cron", { dependsOn: ["mail"] }),
  ];
  const shared = proposed([project("infra", parts)], { configs: new Map([["front", config]]) });
  expect(shared.proposal.apps.map(({ name, value }) => [name, value["services"]])).toEqual([
    ["mail", { mail: {}, queue: { compose: "mail-queue" }, cron: {} }],
    [
      "shop",
      {
        shop: { route: { domain: "shop.example", path: "/", proxy: "front", port: 80 } },
        api: { route: { domain: "shop.example", path: "/api", proxy: "front", port: 80 } },
      },
    ],
  ]);
  const alone = proposed([project("blog", parts.slice(1))]);
  expect(alone.proposal.apps.map(({ name, value }) => [name, value["services"]])).toEqual([
    ["blog", ["shop", "api", "mail", "mail-queue", "cron"]],
  ]);
});

test("what is nobody's app is told of: servers, companions, what docker run or a swarm started, what stands elsewhere", () => {
  const { proposal } = proposed(
    [
      project("infra", [service("db", { image: "postgres:17" }), service("acme", { image: "nginxproxy/acme-companion:2.4" })]),
      project("far", [service("web")], { there: false, folder: "/Users/me/far" }),
    ],
    {
      loose: [service("byhand"), service("task", { labels: { "com.docker.swarm.service.name": "x" } })],
      timers: ["drill.timer weekly"],
    },
  );
  expect(proposal.apps).toEqual([]);
  expect(proposal.left).toEqual([
    "infra/db: a database server, and no app",
    "infra/acme: it looks after others, and no app",
    "far: its folder /Users/me/far isn't on this host; it was started from another machine",
    "byhand-1: started by docker run, without a compose file",
    "task-1: a swarm's task",
    "the timer drill.timer weekly: jobs aren't declared yet",
  ]);
});

test("SQLite by its first bytes: in a folder by the host's path, in a volume by its own; its service has no second", () => {
  const { apps } = proposed([
    project("notes", [
      service("web", { mounts: [mount({ path: "/mnt/notes" }, { sqlite: ["notes.db"], others: false })] }),
      service("feed", { mounts: [mount({ volume: "notes_feed" }, { sqlite: ["x/feed.sqlite3"] })] }),
    ]),
  ]);
  expect(apps["notes"]?.value).toMatchObject({
    services: { web: { role: "single-writer" }, feed: { role: "single-writer" } },
    databases: { notes: { sqlite: "/mnt/notes/notes.db" }, feed: { sqlite: { path: "x/feed.sqlite3", volume: "feed" } } },
  });
  expect(apps["notes"]?.value).not.toHaveProperty("files");
});

test("files: volumes and the app's own folders are kept; caches, foreign folders, engines' data and nameless volumes are told of", () => {
  const { apps } = proposed([
    project("wiki", [
      service("web", {
        mounts: [
          mount({ volume: "wiki_uploads" }),
          mount({ volume: "wiki_page_cache" }),
          mount({ volume: "a".repeat(64) }, { target: "/spool" }),
          mount({ path: "/home/me/apps/wiki/media" }),
          mount({ path: "/mnt/archive" }),
          mount({ path: "/var/run/docker.sock" }),
          mount({ path: "/home/me/apps/wiki/settings" }, { writable: false }),
          mount({ path: "/home/me/apps/wiki" }),
        ],
      }),
      service("db", { image: "mariadb:11", mounts: [mount({ volume: "wiki_db" })] }),
    ]),
  ]);
  expect(apps["wiki"]?.value["files"]).toEqual({ uploads: { volume: "uploads" }, media: { path: "~/apps/wiki/media" } });
  expect(apps["wiki"]?.left).toEqual([
    "page_cache: it can be made again, as its name says",
    "/mnt/archive of web: outside the app's folder, and maybe large; files: { NAME: { path: … } } backs it up",
    "web's /spool: a volume without a name",
    "db's data in db: tend can't back up this engine",
  ]);
});

test("a second domain is told of, and a route that another app has already isn't claimed twice", () => {
  const env = { VIRTUAL_HOST: "shop.example,www.shop.example,~^x", VIRTUAL_PORT: "80" };
  const front = service("front", { image: "nginxproxy/nginx-proxy:1.6", published: [80] });
  const { proposal, text } = proposed([
    project("infra", [front]),
    project("one", [service("web", { env })]),
    project("two", [service("web", { env: { VIRTUAL_HOST: "shop.example" } })]),
  ]);
  const [one, two] = proposal.apps;
  expect(one?.value["services"]).toEqual({ web: { route: { domain: "shop.example", path: "/", proxy: "front-1", port: 80 } } });
  expect(one?.left).toContain("web also answers www.shop.example: tend asks one domain a service");
  expect(two?.value["services"]).toEqual(["web"]);
  expect(two?.left).toEqual(["web: shop.example is another service's already"]);
  expect(text).toContain("front-1: { host: anna-hemma, kind: nginx-proxy, container: front-1, network: net }");
});

test("what the proxy's own configuration says counts before a variable for another one", () => {
  const web = service("web", { env: { VIRTUAL_HOST: "old.example" } });
  const config = "server { server_name shop.example; location / { proxy_pass http://web:8000; } }";
  const { apps } = proposed([project("infra", [proxy]), project("shop", [web])], { configs: new Map([["front", config]]) });
  expect(apps["shop"]?.value["services"]).toEqual({ web: { route: { domain: "shop.example", proxy: "front", port: 8000 } } });
});

test("a name that tend can't take leaves what it names out, and says so; the rest is written", () => {
  const { proposal } = proposed([
    project("odd", [service("web"), service("we b\n# x"), service("_old")]),
    project("none", [service("_old")]),
  ]);
  expect(proposal.apps.map(({ name, value }) => [name, value["services"]])).toEqual([["odd", ["web"]]]);
  expect(proposal.left).toEqual([
    "odd/we b # x: a name that tend can't take",
    "odd/_old: a name that tend can't take",
    "none/_old: a name that tend can't take",
  ]);
});

test("an app that tend would refuse goes without the part that it is about", () => {
  const { apps } = proposed([project("wiki", [service("web", { mounts: [mount({ volume: "wiki__up" })] })])]);
  expect(apps["wiki"]?.value).not.toHaveProperty("files");
  expect(apps["wiki"]?.left[0]).toMatch(/^files: .*volume/);
});

describe("PostgreSQL", () => {
  const db = service("db", { image: "postgres:17", env: { POSTGRES_USER: "shop" } });
  const at = (database: string, user: string) => ({ kind: "postgres", host: "db", database, user }) as const;
  const databases = (services: readonly FoundService[]) => proposed([project("shop", services)]).apps["shop"]?.value["databases"];

  test("a database that several roles use is one, and nobody's until its owner says whose", () => {
    const web = service("web", { addresses: [at("shop", "web"), at("jobs", "jobs")] });
    const worker = service("worker", { addresses: [at("shop", "worker"), at("jobs", "shop")] });
    const { apps, text } = proposed([project("shop", [db, web, worker])]);
    expect(apps["shop"]?.value["databases"]).toEqual({
      shop: { postgres: { container: "db-1", name: "shop", user: "shop" } },
      jobs: { postgres: { container: "db-1", name: "jobs", user: "shop", owner: "jobs" } },
    });
    expect(text).toContain("guessed: web, worker use it: owner: says whose it is");
  });

  test("a database that no address names is that of the server that the app waits for", () => {
    const web = service("web", { dependsOn: ["db"], env: { VIRTUAL_HOST: "shop.example" } });
    const front = service("front", { image: "nginxproxy/nginx-proxy:1.6", published: [80] });
    const declared = { main: { postgres: { container: "db-1", name: "shop", user: "shop" } } };
    expect(databases([db, web])).toEqual(declared);
    expect(proposed([project("infra", [front, db, web])]).apps["web"]?.value["databases"]).toEqual(declared);
    const other = service("other", { image: "postgres:17" });
    expect(databases([db, other, web])).toEqual(declared);
    expect(databases([db, other, service("web")])).toBeUndefined();
  });

  test("the server's own database, where addresses name others alone, is told of", () => {
    const web = service("web", { addresses: [at("jobs", "jobs")] });
    expect(proposed([project("shop", [db, web])]).apps["shop"]?.left).toEqual([
      "the database shop of db: no address names it; declare it under databases if it is in use",
    ]);
  });
});
