import { describe, expect, test } from "vitest";
import { parseFleet } from "./parse-fleet.ts";
import { appWith, keepsNothing } from "./testing.ts";

const hostsOf = (text: string) => [...parseFleet(`fleet: home\nhosts:\n${text}`, "/home/me/tend.yaml").hosts.values()];

describe("a host", () => {
  test("is local, or has aliases that are tried in order", () => {
    const [onyx, near, hemma] = hostsOf("  onyx: local\n  near: { ssh: near }\n  hemma: { ssh: [hemma-local, me@hemma] }\n");
    expect(onyx?.reach).toEqual({ kind: "local" });
    expect(near?.reach).toEqual({ kind: "ssh", aliases: ["near"] });
    expect(hemma?.reach).toEqual({ kind: "ssh", aliases: ["hemma-local", "me@hemma"] });
  });

  test("may say where docker and the state are; a local state starts at the declaration", () => {
    const [here, far, home] = hostsOf(
      "  here: { local: true, state: .tend }\n  far: { ssh: far, docker: /snap/bin/docker, state: ~/tend }\n  home: { local: true, state: ~/tend }\n",
    );
    expect(here).toMatchObject({ reach: { kind: "local" }, state: "/home/me/.tend" });
    expect(far).toMatchObject({ docker: "/snap/bin/docker", state: "~/tend" });
    expect(home).toMatchObject({ state: "~/tend" });
  });
});

describe("an app", () => {
  test("needs no more than a host and a path", () => {
    expect(appWith("")).toEqual({
      name: "web",
      host: "here",
      runtime: "compose",
      path: "/home/me",
      compose: [],
      envFiles: [],
      profiles: [],
      source: { kind: "images", tags: new Map(), builds: new Map() },
      env: {},
      services: [],
      ...keepsNothing,
    });
  });

  test("takes one file or several, and variables as they are written", () => {
    const app = appWith(
      "compose: [a.yaml, b.yaml]\nenv_file: .env.prod\nprofiles: [prod]\nproject: all\nenv: { A: x, PORT: 8080, V: 3.10, D: true, E: '' }\n",
    );
    expect(app).toMatchObject({ compose: ["a.yaml", "b.yaml"], envFiles: [".env.prod"], profiles: ["prod"], project: "all" });
    expect(app.env).toEqual({ A: "x", PORT: "8080", V: "3.10", D: "true", E: "" });
  });

  test("is not interpolated", () => {
    expect(appWith("env: { A: $HOME, B: $(id) }\n").env).toEqual({ A: "$HOME", B: "$(id)" });
  });

  test("built on the host names its branch", () => {
    expect(appWith("source: { git: feature/x }\n").source).toEqual({ kind: "git", branch: "feature/x" });
  });

  test("of one image uses its variable for every service", () => {
    const app = appWith("source: { image: registry.example:5000/web, tag: { env: TAG } }\nservices: [web, worker]\n");
    expect(app.source).toEqual({
      kind: "images",
      builds: new Map(),
      tags: new Map([
        ["web", "TAG"],
        ["worker", "TAG"],
      ]),
    });
  });

  test("of several images names a variable and a folder for each", () => {
    const app = appWith("source: { images: ghcr.io/acme, tags: { web: WEB_TAG }, build: { web: ./web } }\n");
    expect(app.source).toEqual({ kind: "images", tags: new Map([["web", "WEB_TAG"]]), builds: new Map([["web", "./web"]]) });
  });
});

describe("a service", () => {
  const services = (text: string) => appWith(`services:\n${text.replace(/^(?=.)/gm, "  ")}`).services;

  test("has defaults for all of its settings", () => {
    const plain = { name: "web", compose: "web", role: "worker", deadline: 60, drain: 10 };
    expect(services("web:\n")).toEqual([plain]);
    expect(services("web: {}\n")).toEqual([plain]);
    expect(appWith("services: [web]\n").services).toEqual([plain]);
  });

  test("is routed when it has a route, unless it says otherwise", () => {
    const route = "route: { domain: Web.example }";
    expect(services(`web: { ${route} }\n`)[0]).toMatchObject({ role: "routed", route: { domain: "web.example", paths: ["/"] } });
    expect(services(`web: { role: single-writer, ${route} }\n`)[0]).toMatchObject({ role: "single-writer" });
  });

  test("takes durations, probes and paths in their short and long forms", () => {
    const [one, two] = services(
      "one: { deadline: 90, drain: 2m, probe: /healthz, compose: other, route: { domain: a.example, path: [/api, /health], port: 80 } }\ntwo: { deadline: 1m30s, probe: { path: /, status: 401 }, route: { domain: b.example, path: /x } }\n",
    );
    expect(one).toMatchObject({
      deadline: 90,
      drain: 120,
      probe: { path: "/healthz" },
      compose: "other",
      route: { paths: ["/api", "/health"], port: 80 },
    });
    expect(two).toMatchObject({ deadline: 90, probe: { path: "/", status: 401 }, route: { paths: ["/x"] } });
  });

  test("of a process is a command and a port, and routed by its port", () => {
    const app = appWith(
      "runtime: process\nsource: { git: main }\nservices:\n  web: { run: node 'src/a b.ts' --x, port: 8080 }\n  mail: { run: node mail.ts }\n",
    );
    expect(app.services).toMatchObject([
      { role: "routed", run: ["node", "src/a b.ts", "--x"], port: 8080 },
      { role: "worker", run: ["node", "mail.ts"] },
    ]);
  });
});

describe("a route's proxy", () => {
  const fleet = (proxies: string, route: string) =>
    parseFleet(
      `fleet: home\nhosts: { a: { ssh: a }, b: { ssh: b } }\nproxies:\n${proxies}apps:\n  web: { host: a, path: ~/web, services: { web: { route: ${route} } } }\n`,
      "/tend.yaml",
    );
  const proxyOf = (proxies: string, route: string) => [...fleet(proxies, route).apps.values()][0]?.services[0]?.route?.proxy;
  const onA = "  one: { host: a, kind: nginx, container: one, url: http://10.0.0.5:80 }\n";
  const onB = "  two: { host: b, kind: caddy, container: two, network: edge }\n";

  test("is the only one on the app's host", () => {
    expect(proxyOf(onA + onB, "{ domain: x.example }")).toBe("one");
    expect(proxyOf(onB, "{ domain: x.example }")).toBeUndefined();
  });

  test("is the one that is named", () => {
    expect(proxyOf(onA + onA.replace("one:", "three:"), "{ domain: x.example, proxy: three }")).toBe("three");
  });

  test("has what was declared of it", () => {
    const { proxies } = fleet(onA + onB, "{ domain: x.example }");
    expect([...proxies.values()]).toMatchObject([
      { name: "one", host: "a", kind: "nginx", container: "one", url: new URL("http://10.0.0.5:80") },
      { name: "two", host: "b", kind: "caddy", network: "edge" },
    ]);
  });
});
