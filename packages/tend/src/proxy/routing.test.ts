import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { routings } from "./index.ts";
import { type Labelled, routesFor } from "./routing.ts";

const recorded = (file: string) => readFileSync(join(import.meta.dirname, "recorded", file), "utf8");
const web = (labels: Record<string, string> = {}): Labelled => ({
  name: "quartermaster",
  state: "running",
  health: { status: "healthy" },
  labels,
  exposed: ["8000/tcp"],
  networks: { "proxy-net": { address: "172.18.0.3", aliases: [] } },
});
const LABELS = {
  "traefik.enable": "true",
  "traefik.docker.network": "proxy-net",
  "traefik.http.routers.quartermaster.rule": "Host(`quartermaster.example`)",
  "traefik.http.services.quartermaster.loadbalancer.server.port": "8000",
};

/** What each kind's script printed on a host of the lab, and what it means. */
const held = [
  {
    kind: "nginx-proxy" as const,
    printed: recorded("nginx-proxy.txt"),
    domain: "skriptoteket.example",
    upstream: { host: "172.18.0.3", port: 8000 },
    lookedUp: false,
    upgrades: true,
  },
  {
    kind: "nginx" as const,
    printed: recorded("nginx.txt"),
    domain: "skriptoteket.example",
    upstream: { host: "skriptoteket-web", port: 8000 },
    lookedUp: false,
    upgrades: false,
  },
  {
    kind: "caddy" as const,
    printed: recorded("caddy.json"),
    domain: "skriptoteket.example",
    upstream: { host: "skriptoteket-web", port: 8000 },
    lookedUp: true,
    upgrades: true,
  },
  {
    kind: "traefik" as const,
    printed: recorded("traefik.txt"),
    domain: "quartermaster.example",
    upstream: { host: "172.18.0.3", port: 8000 },
    lookedUp: true,
    upgrades: true,
  },
];

describe.each(held)("$kind", ({ kind, printed, domain, upstream, lookedUp, upgrades }) => {
  const read = (text = printed) => routings[kind].routes(text, [web(LABELS)]);

  test("is registered under the kind that it calls itself", () => {
    expect(routings[kind].kind).toBe(kind);
  });

  test("says where requests for a domain go", () => {
    expect(routesFor(read(), domain, "/some/path")).toMatchObject([
      { path: "/", upstreams: [upstream], lookedUp, upgrades, tls: false, tellsScheme: true },
    ]);
  });

  test("reads what is cut off, empty or foreign without falling over, but for JSON, which says that it isn't whole", () => {
    for (const text of ["", printed.slice(0, printed.length / 2), "}{;'\"", "server { location / { proxy_pass"]) {
      if (kind === "caddy" && text !== "") expect(() => read(text)).toThrow();
      else expect(() => read(text)).not.toThrow();
    }
  });

  test("keeps names in its script apart from shell", () => {
    expect(routings[kind].script("a'b").text).toContain(`'a'\\''b'`);
  });
});

describe("nginx", () => {
  const read = (text: string) => routings.nginx.routes(text, []);

  test("knows locations, groups, variables, and what headers a location ends up with", () => {
    const [page, api, live] = read(`
http {
  upstream app { server 10.0.0.2:4000 max_fails=3; server 10.0.0.3:4000 down; }
  proxy_set_header X-Forwarded-Proto $scheme;
  server {
    listen 443 ssl; server_name a.example "b.example";
    location / { proxy_pass http://app; auth_basic "who"; }
    location /api/ { proxy_set_header Host $host; proxy_pass http://api:4000; }
    location /live/ { set $live live; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade"; proxy_pass http://$live:3000; }
  }
}`).filter(({ domain }) => domain === "a.example");
    expect(page).toMatchObject({
      path: "/",
      upstreams: [{ host: "10.0.0.2", port: 4000 }],
      tls: true,
      tellsScheme: true,
      login: "asked",
    });
    expect(api).toMatchObject({ path: "/api", upstreams: [{ host: "api", port: 4000 }], tellsScheme: false, upgrades: false });
    expect(live).toMatchObject({ path: "/live", upstreams: [{ host: "live", port: 3000 }], lookedUp: true, upgrades: true });
  });

  test("a default server that only turns strangers away is no route", () => {
    expect(read("server { listen 80 default_server; server_name _; location / { return 503; } }")).toEqual([]);
  });
});

describe("Traefik", () => {
  const read = (labels: Record<string, string>, more: Partial<Labelled> = {}) =>
    routings.traefik.routes("--providers.docker=true\n--providers.docker.exposedbydefault=false", [{ ...web(labels), ...more }]);

  test("leaves out what isn't enabled, isn't well, or says nothing", () => {
    expect(read({ ...LABELS, "traefik.enable": "false" })).toEqual([]);
    expect(read(LABELS, { health: { status: "unhealthy" } })).toEqual([]);
    expect(read({})).toEqual([]);
  });

  test("knows several hosts, prefixes, and a login whose hash Compose has eaten", () => {
    const rule = "Host(`a.example`, `b.example`) && PathPrefix(`/api`)";
    const routes = read({
      ...LABELS,
      "traefik.http.routers.quartermaster.rule": rule,
      "traefik.http.routers.quartermaster.middlewares": "door",
      "traefik.http.middlewares.door.basicauth.users": "anna:",
    });
    expect(routes).toMatchObject([
      { domain: "a.example", path: "/api", login: "broken" },
      { domain: "b.example", path: "/api", login: "broken" },
    ]);
  });
});

test("the most fitting route comes first: a name before a pattern, a long path before a short one", () => {
  const routed = (domain: string, path: string) => ({
    domain,
    path,
    upstreams: [],
    lookedUp: false,
    tls: false,
    tellsScheme: true,
    upgrades: true,
  });
  const all = [routed("*", "/"), routed("*.example", "/api"), routed("a.example", "/"), routed("a.example", "/api")];
  expect(routesFor(all, "a.example", "/api/x").map(({ domain, path }) => domain + path)).toEqual([
    "a.example/api",
    "a.example/",
    "*.example/api",
    "*/",
  ]);
  expect(routesFor(all, "a.example", "/apix").map(({ path }) => path)).toEqual(["/", "/"]);
});
