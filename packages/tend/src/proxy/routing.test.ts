import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { routings } from "./index.ts";
import { type Labelled, type Routed, routesFor } from "./routing.ts";
import { conflictsOf } from "./traefik/conflicts.ts";
import { settingsOf } from "./traefik/routes.ts";

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
    expect(routesFor(read() ?? [], domain, "/some/path")).toMatchObject([
      { path: "/", upstreams: [upstream], lookedUp, upgrades, tls: false, tellsScheme: true },
    ]);
  });

  test("reads what is cut off, empty or foreign without falling over; of JSON it says that it isn't whole", () => {
    for (const text of ["", printed.slice(0, printed.length / 2), "}{;'\"", "server { location / { proxy_pass"]) {
      if (kind === "caddy") expect(read(text)).toBeUndefined();
      else expect(read(text)).toBeInstanceOf(Array);
    }
  });

  test("keeps names in its script apart from shell", () => {
    expect(routings[kind].script("a'b").text).toContain(`'a'\\''b'`);
  });
});

/** What a kind's script prints where `docker` prints this, and what it ends with. */
function asked(kind: keyof typeof routings, docker: string, before = "") {
  const folder = mkdtempSync(join(tmpdir(), "tend-docker-"));
  writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}`, { mode: 0o755 });
  const script = `${before}( ${routings[kind].script("edge").text} ) 2>&1; echo "exit $?"`;
  return execFileSync("sh", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` },
  });
}
const printing = (text: string) => `cat <<'EOF'\n${text}\nEOF\n`;
const shown = (routes: readonly Routed[] | undefined) =>
  routes?.map(({ domain, path, upstreams }) => `${domain}${path} ${upstreams.map(({ host, port }) => `${host}:${port}`).join()}`);

describe("nginx", () => {
  const read = (text: string) => routings.nginx.routes(text, []) ?? [];
  const to = (text: string, domain: string, path = "/") => shown(routesFor(read(text), domain, path));

  test("knows locations, groups, variables, and what headers a location ends up with", () => {
    const [page, api, live] = read(`
http {
  upstream app { server 10.0.0.2:4000 max_fails=3; server 10.0.0.3:4000 down; }
  proxy_set_header X-Forwarded-Proto $scheme;
  server {
    listen 443 ssl; server_name a.example "b.example";
    location / { proxy_pass http://app; }
    location /api/ { proxy_set_header Host $host; proxy_pass http://api:4000; }
    location /live/ { set $live live; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade"; proxy_pass http://$live:3000; }
  }
}`).filter(({ domain }) => domain === "a.example");
    expect(page).toMatchObject({ path: "/", upstreams: [{ host: "10.0.0.2", port: 4000 }], tls: true, tellsScheme: true });
    expect(api).toMatchObject({ path: "/api", upstreams: [{ host: "api", port: 4000 }], tellsScheme: false, upgrades: false });
    expect(live).toMatchObject({ path: "/live", upstreams: [{ host: "live", port: 3000 }], lookedUp: true, upgrades: true });
  });

  test("a default server that only turns strangers away is no route", () => {
    expect(read("server { listen 80 default_server; server_name _; location / { return 503; } }")).toEqual([]);
  });

  test.each([
    ["the only server", "server { server_name localhost; location / { proxy_pass http://a:1; } }", "a:1"],
    [
      "the one that says so",
      "server { listen 80; server_name x.example; location / { proxy_pass http://x:1; } } server { listen [::]:80 default_server; server_name y.example; location / { proxy_pass http://y:1; } }",
      "y:1",
    ],
    [
      "nobody, where the first of the port turns strangers away",
      "server { listen 80; return 444; } server { listen *:80; server_name x.example; location / { proxy_pass http://x:1; } }",
      undefined,
    ],
  ])("a name that no server has is answered by %s", (_, text, upstream) => {
    expect(to(text, "stranger.example")).toEqual(upstream === undefined ? [] : [`*/ ${upstream}`]);
  });

  const NAMES = `server { return 444; }
server { server_name .a.example; location / { proxy_pass http://under:1; } }
server { server_name www.*; location / { proxy_pass http://begins:1; } }
server { server_name ~^api\\d+\\.; location / { proxy_pass http://pattern:1; } }`;
  test.each([
    ["a.example", ["a.example/ under:1"]],
    ["b.a.example", ["*.a.example/ under:1"]],
    ["www.b.example", ["www.*/ begins:1"]],
    ["api7.example", undefined],
  ])("names with dots, stars and patterns: %s", (domain, wanted) => {
    expect(to(NAMES, domain)).toEqual(wanted);
  });

  test("a location that is a pattern may take what no other one takes", () => {
    const text =
      "server { server_name a.example; location ~ ^/(x|y) { proxy_pass http://p:1; } location =/z { proxy_pass http://z:1; } }";
    expect(to(text, "a.example", "/z")).toEqual(["a.example/z z:1"]);
    expect(to(text, "a.example", "/x")).toBeUndefined();
  });

  test.each([
    ["set $app http://app:3000; proxy_pass $app;", "app:3000", true],
    ["proxy_pass http://app:3000$request_uri;", "app:3000", true],
    ["proxy_pass https://[fd00::3];", "[fd00::3]:443", false],
    ["proxy_pass http://unix:/run/app.sock;", "", false],
    ["proxy_pass http://group;", "app:80", true],
  ])("where a request is passed on to: %s", (inside, upstream, lookedUp) => {
    const [route] = read(`upstream group { server app resolve; } server { server_name a.example; location / { ${inside} } }`);
    expect([shown(route && [route]), route?.lookedUp]).toEqual([[`a.example/ ${upstream}`], lookedUp]);
  });

  test("an empty Connection header upgrades nothing", () => {
    const headers = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "";';
    expect(read(`server { server_name a.example; ${headers} location / { proxy_pass http://a:1; } }`)[0]?.upgrades).toBe(false);
  });

  const DUMPED = `# configuration file /etc/nginx/nginx.conf:
http{
  log_format json escape=json '{ "time": "$time_local", '
    '"it is": "}' ;
  include /etc/nginx/conf.d/*.conf;
}
# configuration file /etc/nginx/conf.d/a.conf:
server{
  server_name a.example
    www.a.example; # two of them
  set $api_key "canary1";
  proxy_set_header X-Forwarded-Proto $scheme;
  location / { include proxy_params; proxy_set_header Authorization "Basic canary2;"; proxy_pass http://app:3000; }
  location /api/ {
    proxy_set_header X-Api-Key
      'canary3';
    proxy_pass http://api:4000;
  }
}
# configuration file /etc/nginx/proxy_params:
proxy_set_header X-Forwarded-Proto $scheme; # for all`;

  test("what is printed has directives of several lines and included files, and no secret", () => {
    const printed = asked("nginx", printing(DUMPED));
    expect(printed).not.toContain("canary");
    const [page, api] = read(printed).filter(({ domain }) => domain === "www.a.example");
    expect(shown([page, api] as Routed[])).toEqual(["www.a.example/ app:3000", "www.a.example/api api:4000"]);
    // Headers come from the included file; and a header of its own takes the place of those around it.
    expect([page?.tellsScheme, api?.tellsScheme]).toEqual([true, false]);
  });
});

describe("nginx-proxy", () => {
  test("is asked the same whatever was asked before it", () => {
    expect(asked("nginx-proxy", ":", "said='exit 0'; ")).toBe("exit 0\n");
    expect(asked("nginx-proxy", '[ "$3" = cat ]')).toBe("exit 1\n");
  });
});

describe("Caddy", () => {
  const adapted = (...routes: readonly object[]) =>
    JSON.stringify({ apps: { http: { servers: { srv0: { listen: [":443"], routes } } } } });
  const proxy = (dial: string) => ({ handler: "reverse_proxy", upstreams: [{ dial }] });
  const read = (...routes: readonly object[]) => routings.caddy.routes(adapted(...routes), []) ?? [];

  test("knows several hosts of a site, and the paths that go with each", () => {
    const sets = [{ host: ["A.example"], path: ["/x*"] }, { host: ["b.example", "*.c.example"] }];
    const handle = [
      {
        handler: "subroute",
        routes: [{ match: [{ path: ["/api/*"] }], handle: [proxy("api:1")] }, { handle: [proxy("[fd00::3]:2")] }],
      },
    ];
    expect(shown(read({ match: sets, handle }))).toEqual([
      "a.example/api api:1",
      "a.example/x [fd00::3]:2",
      "b.example/api api:1",
      "*.c.example/api api:1",
      "b.example/ [fd00::3]:2",
      "*.c.example/ [fd00::3]:2",
    ]);
  });

  test("what goes by more than host and path isn't taken for the rest", () => {
    const live = { match: [{ header: { Connection: ["*Upgrade*"] } }], handle: [proxy("live:1")] };
    const site = (...routes: readonly object[]) => ({
      match: [{ host: ["a.example"] }],
      handle: [{ handler: "subroute", routes }],
    });
    expect(shown(routesFor(read(site(live, { handle: [proxy("app:2")] })), "a.example", "/"))).toEqual(["a.example/ app:2"]);
    expect(routesFor(read(site(live)), "a.example", "/")).toBeUndefined();
  });

  test("what is printed has no secret, and what is wrong is said", () => {
    const secrets = {
      "X-Api-Key": ["canary1", 'canary"2'],
      "Set-Cookie": ["canary3"],
      api_token: 'canary"4',
      hash: { algorithm: "bcrypt" },
    };
    const text = asked("caddy", `${printing(adapted({ handle: [{ ...proxy("app:1"), secrets }] }))}\necho wrong >&2; exit 1`);
    expect(text).not.toContain("canary");
    const [why, json, exit] = text.split("\n");
    expect([why, exit]).toEqual(["wrong", "exit 1"]);
    expect(shown(routings.caddy.routes(json ?? "", []))).toEqual(["*/ app:1"]);
  });
});

describe("Traefik", () => {
  const ON = "--providers.docker=true\n--providers.docker.exposedbydefault=false";
  const read = (labels: Record<string, string>, more: Partial<Labelled> = {}) =>
    routings.traefik.routes(ON, [{ ...web(labels), ...more }]) ?? [];
  const ruled = (rule: string) => ({ ...LABELS, "traefik.http.routers.quartermaster.rule": rule });

  test("leaves out what isn't enabled, isn't well, or says nothing", () => {
    expect(read({ ...LABELS, "traefik.enable": "false" })).toEqual([]);
    expect(read(LABELS, { health: { status: "unhealthy" } })).toEqual([]);
    expect(read({})).toEqual([]);
  });

  test("knows a login whose hash Compose has eaten", () => {
    const [route] = read({
      ...LABELS,
      "traefik.http.routers.quartermaster.middlewares": "Door@docker",
      "traefik.http.middlewares.Door.basicauth.users": "anna:",
    });
    expect(route?.brokenLogin).toBe(true);
  });

  test.each<[string, string, string, string[] | undefined]>([
    ["Host(`a.example`, `B.example`) && PathPrefix(`/api`)", "b.example", "/api/x", ["b.example/api"]],
    ["Host(`a.example`) && PathPrefix(`/x`) || Host(`b.example`)", "b.example", "/", ["b.example/"]],
    ["Host(`a.example`) && PathPrefix(`/x`) || Host(`b.example`)", "a.example", "/", []],
    ["(Host(`a.example`) || Host(`b.example`)) && (Path(`/x`) || PathPrefix(`/y/`))", "a.example", "/y/z", ["a.example/y/"]],
    ["Host(`a.example`) && !PathPrefix(`/admin`)", "a.example", "/", ["a.example/"]],
    ["!Host(`a.example`)", "b.example", "/", ["*/"]],
    ["PathPrefix(`/api`)", "b.example", "/api", ["*/api"]],
    ["HostRegexp(`^.+\\.example$`)", "a.example", "/", undefined],
    ["Host(`a.example`) && (ClientIP(`10.0.0.0/8`) || PathRegexp(`^/(a|b)`))", "a.example", "/", undefined],
    ["Host(`a.example`) && ClientIP(`10.0.0.0/8`)", "b.example", "/", []],
    ['Host("a.example")', "a.example", "/", ["a.example/"]],
    ["Host(`a.example`) &&", "a.example", "/", []],
    ["Host(`a.example`", "a.example", "/", []],
    [`${"(".repeat(4000)}`, "a.example", "/", []],
    [Array(150).fill("(Host(`a`)||Host(`b`))").join("&&"), "a", "/", ["a/"]],
  ])("reads the rule %s for %s%s", (rule, domain, path, wanted) => {
    const routes = routesFor(read(ruled(rule)), domain, path);
    expect(routes?.map((route) => route.domain + route.path)).toEqual(wanted);
  });

  const of = (more: Record<string, string>) => shown(read({ ...LABELS, ...more }));
  const service = (name: string, port: string) => ({ [`traefik.http.services.${name}.loadbalancer.server.port`]: port });
  test("knows which service a router means", () => {
    expect(of({ "traefik.http.routers.quartermaster.service": "Other", ...service("Other", "9000") })).toEqual([
      "quartermaster.example/ 172.18.0.3:9000",
    ]);
    expect(of({ "traefik.http.routers.quartermaster.service": "elsewhere@file" })).toEqual(["quartermaster.example/ "]);
    expect(of({ "traefik.http.routers.quartermaster.service": "of-another-container" })).toEqual(["quartermaster.example/ "]);
    // It says "too many services", and has no such router.
    expect(of(service("other", "9000"))).toEqual([]);
  });

  test("is configured by its arguments, its environment or its file", () => {
    const settings = (docker: string) => settingsOf(asked("traefik", docker));
    const inspected = (text: string) => `[ "$1" = exec ] || ${printing(text)}`;
    expect(settings(inspected("--providers.docker.network=edge\nPATH=/bin"))).toEqual({ exposed: true, network: "edge" });
    const env = "TRAEFIK_PROVIDERS_DOCKER_NETWORK=edge\nTRAEFIK_PROVIDERS_DOCKER_EXPOSEDBYDEFAULT=False\nTOKEN=canary";
    expect(settings(inspected(env))).toEqual({ exposed: false, network: "edge" });
    expect(asked("traefik", inspected(env))).not.toContain("canary");
    const yaml = "providers:\n  docker:\n    exposedByDefault: false\n    network: edge # shared";
    expect(settings(`[ "$1" = exec ] && ${printing(yaml)}`)).toEqual({ exposed: false, network: "edge" });
    expect(settings(`[ "$1" = exec ] && ${printing('[providers.docker]\n  network = "edge"')}`)).toEqual({
      exposed: true,
      network: "edge",
    });
    expect(asked("traefik", "exit 1")).toMatch(/^exit 0$/m);
  });

  test("drops a router that two containers which it looks at define differently", () => {
    const other = { ...web({ ...LABELS, "traefik.http.routers.quartermaster.rule": "Host(`old.example`)" }), name: "old" };
    const router = (labels: Record<string, string>, exposed: boolean) =>
      conflictsOf([web(LABELS), { ...other, labels }], { exposed }).map((one) => one.router);
    expect(router(other.labels, false)).toEqual(["quartermaster"]);
    expect(router({ ...other.labels, "Traefik.Enable": "false", "traefik.enable": "false" }, true)).toEqual([]);
    const { "traefik.enable": _, ...silent } = other.labels;
    expect([router(silent, true), router(silent, false)]).toEqual([["quartermaster"], []]);
  });
});

test("a name comes before a pattern, and a long path before a short one of the same name; of two alike, the one by TLS", () => {
  const routed = (domain: string, path: string, tls = false): Routed => ({
    domain,
    path,
    upstreams: [],
    lookedUp: false,
    tls,
    tellsScheme: true,
    upgrades: true,
  });
  const all = [
    routed("*", "/"),
    routed("*.example", "/api"),
    routed("*.a.example", "/"),
    routed("a.example", "/"),
    routed("a.example", "/", true),
    routed("a.example", "/api"),
  ];
  const fitting = (domain: string, path: string) =>
    routesFor(all, domain, path)?.map((one) => `${one.domain}${one.path}${one.tls ? " by TLS" : ""}`);
  expect(fitting("a.example", "/api/x")).toEqual(["a.example/api", "a.example/ by TLS", "a.example/"]);
  expect(fitting("a.example", "/apix")).toEqual(["a.example/ by TLS", "a.example/"]);
  expect(fitting("b.a.example", "/api")).toEqual(["*.a.example/"]);
  // A proxy doesn't look on under other names once it has the name.
  expect(fitting("b.example", "/")).toEqual([]);
  expect(fitting("b.other", "/")).toEqual(["*/"]);
});
