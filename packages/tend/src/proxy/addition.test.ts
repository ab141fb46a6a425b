import { describe, expect, test } from "vitest";
import { type Addition, mounted, type Standing } from "./addition.ts";
import { addings, routings } from "./index.ts";
import { routesFor } from "./routing.ts";

const route = {
  domain: "notes.example",
  container: "notes-web",
  service: "web",
  port: 3000,
  network: "proxy-net",
  joined: false,
  domains: [],
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

describe("a new route behind plain nginx", () => {
  const added = file(addings.nginx.add(route, standing({ mounts: [bind("/srv/infra/nginx/conf.d", "/etc/nginx/conf.d")] })));

  test("is a file in the folder that is mounted, checked before it is loaded", () => {
    expect(added.path).toBe("/srv/infra/nginx/conf.d/notes.example.conf");
    expect(added.load.text).toBe("docker exec edge nginx -t && docker exec edge nginx -s reload");
  });

  test("routes the domain, tells the scheme, and passes WebSockets on", () => {
    expect(routesFor(routings.nginx.routes(added.content, []), "notes.example", "/")).toMatchObject([
      { upstreams: [{ host: "notes-web", port: 3000 }], tellsScheme: true, upgrades: true },
    ]);
  });

  test("is shown where nothing on the host stands behind the folder", () => {
    expect(lines(addings.nginx.add(route, standing()))).toContain("server_name notes.example;");
  });
});

describe("a new route behind Caddy", () => {
  test("is a file where the Caddyfile imports a folder that the host has", () => {
    const added = file(
      addings.caddy.add(route, standing({ tls: true, imports: ["sites/*.caddy"], mounts: [bind("/srv/caddy", "/etc/caddy")] })),
    );
    expect(added.path).toBe("/srv/caddy/sites/notes.example.caddy");
    expect(added.content).toMatch(/^notes\.example \{$/m);
    expect(added.load.text).toMatch(/caddy validate .* && .* caddy reload/);
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
    const text = lines(addings["nginx-proxy"].add({ ...route, domains: ["old.example"] }, standing({ tls: true })));
    expect(text).toContain("VIRTUAL_HOST: old.example,notes.example");
    expect(text).toContain('VIRTUAL_PORT: "3000"');
    expect(text).toContain("LETSENCRYPT_HOST: old.example,notes.example");
    expect(text).toContain("networks: [default, proxy-net]");
  });

  test("of Traefik, a router that reads as the wanted route; no network where it is shared already", () => {
    const text = lines(addings.traefik.add({ ...route, joined: true }, standing()));
    expect(text).not.toContain("networks:");
    const labels = Object.fromEntries(
      [...text.matchAll(/^ {6}(traefik\.[^:]+): "?([^"\n]+)"?$/gm)].map(([, label, value]) => [label as string, value as string]),
    );
    const container = {
      name: "notes-web",
      state: "running",
      labels,
      exposed: [],
      networks: { "proxy-net": { address: "10.0.0.7", aliases: [] } },
    };
    expect(routesFor(routings.traefik.routes("", [container]), "notes.example", "/")).toMatchObject([
      { upstreams: [{ host: "10.0.0.7", port: 3000 }] },
    ]);
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
});
