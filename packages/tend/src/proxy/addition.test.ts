import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type DomainName, domainName } from "../model/names.ts";
import { type Addition, mounted, type Standing } from "./addition.ts";
import { addings, routings } from "./index.ts";
import { routesFor } from "./routing.ts";

const route = {
  domain: domainName.parse("notes.example") as DomainName,
  container: "notes-web",
  service: "web",
  port: 3000,
  network: "proxy-net",
  joined: false,
  labels: {},
  env: {},
};
const bind = (source: string, target: string) => ({ type: "bind", source, target });
const standing = (more: Partial<Standing> = {}): Standing => ({
  container: "edge",
  mounts: [],
  tls: false,
  imports: [],
  ...more,
});
const file = (addition: Addition) => {
  if (addition.kind !== "file") throw new Error(`lines for ${addition.where}`);
  return addition;
};
const lines = (addition: Addition) => {
  if (addition.kind !== "lines") throw new Error(`a file, ${addition.path}`);
  return addition.lines.join("\n");
};

/** Runs what checks and loads a new file, where `docker` does this. */
function expectLoading({ load }: ReturnType<typeof file>, docker: string, exit: number, said: RegExp) {
  const folder = mkdtempSync(join(tmpdir(), "tend-docker-"));
  writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
  const { status, output } = spawnSync("sh", ["-c", load.text], { encoding: "utf8", env });
  expect([status, output.join("")]).toEqual([exit, expect.stringMatching(said)]);
}

describe("a new route behind plain nginx", () => {
  const added = file(addings.nginx.add(route, standing({ mounts: [bind("/srv/infra/nginx/conf.d", "/etc/nginx/conf.d")] })));

  test("is a file in the folder that is mounted, checked before it is loaded", () => {
    expect(added.path).toBe("/srv/infra/nginx/conf.d/notes.example.conf");
    expect(added.load.text).toMatch(/^docker exec edge nginx -t \|\| exit 1\n[\s\S]*\ndocker exec edge nginx -s reload$/);
  });

  test("routes the domain, tells the scheme, and passes WebSockets on", () => {
    expect(routesFor(routings.nginx.routes(added.content, []) ?? [], "notes.example", "/")).toMatchObject([
      { upstreams: [{ host: "notes-web", port: 3000 }], tellsScheme: true, upgrades: true },
    ]);
  });

  const included = "# configuration file /etc/nginx/conf.d/notes.example.conf:";
  test.each([
    ["loaded, once nginx reads it", `[ "$4" = -T ] && echo '${included}'; echo "$*" >&2`, 0, /-s reload/],
    ["refused where nothing includes it", '[ "$4" = -T ] || echo "$*" >&2', 1, /nothing that edge loads includes/],
    ["refused where nginx refuses it", 'echo "unknown directive" >&2; exit 1', 1, /^unknown directive\n$/],
  ])("is %s", (_, docker, exit, said) => expectLoading(added, docker, exit, said));

  test("is shown where nothing on the host stands behind the folder", () => {
    expect(lines(addings.nginx.add(route, standing()))).toContain("server_name notes.example;");
    expect(addings.nginx.add(route, standing()).load?.text).toBe("docker exec edge nginx -t && docker exec edge nginx -s reload");
  });
});

describe("a new route behind Caddy", () => {
  test("is a file where the Caddyfile imports a folder that the host has", () => {
    const added = file(
      addings.caddy.add(route, standing({ tls: true, imports: ["sites/*.caddy"], mounts: [bind("/srv/caddy", "/etc/caddy")] })),
    );
    expect(added.path).toBe("/srv/caddy/sites/notes.example.caddy");
    expect(added.content).toMatch(/^notes\.example \{$/m);
    expect(added.load.text).toMatch(/^docker exec edge caddy validate [\s\S]* caddy reload /);
    expectLoading(added, '[ "$4" = adapt ] && echo \'{"host":["notes.example"]}\'; echo "$4" >&2', 0, /reload/);
    expectLoading(added, 'echo "$4" >&2', 1, /nothing that edge loads has a site notes.example/);
  });

  test("is shown where it doesn't; without a TLS port, as plain HTTP", () => {
    const mounts = [bind("/srv/Caddyfile", "/etc/caddy/Caddyfile")];
    expect(lines(addings.caddy.add(route, standing({ mounts })))).toMatch(/^http:\/\/notes\.example \{$/m);
    expect(lines(addings.caddy.add(route, standing({ mounts, imports: ["sites/*.caddy"] })))).toContain(
      "reverse_proxy notes-web:3000",
    );
  });
});

describe("a new route for a proxy that reads the compose file", () => {
  test("is lines for it: of nginx-proxy, beside the domains that are there", () => {
    const now = { VIRTUAL_HOST: "*.old.example, ~^www\\.x$" };
    const wanted = addings["nginx-proxy"].add({ ...route, env: now }, standing({ tls: true }));
    // As Compose reads it, where two dollars are one.
    const domains = "*.old.example,~^www\\.x$$,notes.example";
    expect(parse(lines(wanted))).toEqual({
      services: {
        web: {
          environment: { VIRTUAL_HOST: domains, VIRTUAL_PORT: "3000", LETSENCRYPT_HOST: domains },
          networks: ["default", "proxy-net"],
        },
      },
      networks: { "proxy-net": { external: true } },
    });
  });

  const labels = (now: Record<string, string> = {}) => {
    const { services, networks } = parse(lines(addings.traefik.add({ ...route, joined: true, labels: now }, standing())));
    expect(networks).toBeUndefined();
    return { ...now, ...services.web.labels } as Record<string, string>;
  };
  const routed = (all: Record<string, string>, domain: string) => {
    const networks = { "proxy-net": { address: "10.0.0.7", aliases: [] } };
    const container = { name: "notes-web", state: "running", labels: all, exposed: [], networks };
    return routesFor(routings.traefik.routes("", [container]) ?? [], domain, "/");
  };

  test("of Traefik, a router that reads as the wanted route; no network where it is shared already", () => {
    expect(routed(labels(), "notes.example")).toMatchObject([{ upstreams: [{ host: "10.0.0.7", port: 3000 }] }]);
  });

  const OLD = { "traefik.http.routers.old.rule": "Host(`old.example`)" };
  test.each([
    ["at the same port", "3000"],
    ["at another port", "9000"],
  ])("of Traefik, the routers that are there go on, with their service %s", (_, port) => {
    const all = labels({ ...OLD, "traefik.http.services.old.loadbalancer.server.port": port });
    expect(routed(all, "old.example")).toMatchObject([{ upstreams: [{ host: "10.0.0.7", port: Number(port) }] }]);
    expect(routed(all, "notes.example")).toMatchObject([{ upstreams: [{ host: "10.0.0.7", port: 3000 }] }]);
  });
});

test("a folder of the container is found behind the deepest mount that holds it", () => {
  const mounts = [
    bind("/srv/nginx", "/etc/nginx"),
    bind("/srv/sites", "/etc/nginx/conf.d"),
    { type: "volume", source: "/v", target: "/etc/nginx/conf.d/x" },
  ];
  expect(mounted(standing({ mounts }), "/etc/nginx/conf.d")).toBe("/srv/sites");
  expect(mounted(standing({ mounts }), "/etc/nginx/other")).toBe("/srv/nginx/other");
  expect(mounted(standing({ mounts }), "/etc/nginxes")).toBeUndefined();
  // What the volume has in it, nobody sees in the folder below.
  expect(mounted(standing({ mounts }), "/etc/nginx/conf.d/x")).toBeUndefined();
});
