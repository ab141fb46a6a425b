// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Compose's own, or a script's
import { expect, test } from "vitest";
import { traefikRules, virtualHostRules } from "./labels.ts";
import { healthPathOf } from "./propose-routes.ts";

const nothing = { name: "web", env: {}, labels: {}, exposed: [] };

test("Traefik: hosts and prefixes of a rule, and the port of its service", () => {
  const labels = {
    "traefik.enable": "true",
    "traefik.http.routers.web.rule": "(Host(`shop.example`) || Host(`www.shop.example`)) && PathPrefix(`/api`, `/v1/`)",
    "traefik.http.services.web.loadbalancer.server.port": "8000",
  };
  expect(traefikRules({ ...nothing, labels }).map(({ domain, path, port }) => [domain, path, port])).toEqual([
    ["shop.example", "/api", 8000],
    ["shop.example", "/v1", 8000],
    ["www.shop.example", "/api", 8000],
    ["www.shop.example", "/v1", 8000],
  ]);
  expect(traefikRules({ ...nothing, labels: { ...labels, "traefik.enable": "false" } })).toEqual([]);
});

test("caddy-docker-proxy: two labels are a site", () => {
  const labels = { caddy: "shop.example", "caddy.reverse_proxy": "{{upstreams 3000}}" };
  expect(traefikRules({ ...nothing, labels })).toMatchObject([{ domain: "shop.example", port: 3000, path: "/" }]);
});

test("nginx-proxy: several names, a port, a path; without a port the only one that is exposed", () => {
  const env = { VIRTUAL_HOST: "shop.example,www.shop.example", VIRTUAL_PORT: "8000", VIRTUAL_PATH: "/api/" };
  expect(virtualHostRules({ ...nothing, env }).map(({ domain, path, port }) => [domain, path, port])).toEqual([
    ["shop.example", "/api", 8000],
    ["www.shop.example", "/api", 8000],
  ]);
  expect(virtualHostRules({ ...nothing, env: { VIRTUAL_HOST: "shop.example" }, exposed: [3000] })[0]?.port).toBe(3000);
});

test.each([
  [["CMD", "curl", "-f", "http://localhost:3000/v1/health"], "/v1/health"],
  [["CMD-SHELL", "wget -qO- 127.0.0.1:8080/ready || exit 1"], "/ready"],
  [["CMD", "node", "src/healthcheck.ts", "http://127.0.0.1:${process.env.PORT || 8000}/healthz"], "/healthz"],
  [["CMD", "curl", "http://localhost"], "/"],
  [["CMD", "curl", "http://localhost/up?token=canary"], "/up"],
  [["CMD", "node", "check.js", "https://docs.example/healthchecks", "http://[::1]:80/up"], "/up"],
  [["CMD-SHELL", "curl -s --noproxy localhost localhost:3000/health | grep -q OK"], "/health"],
  [["CMD-SHELL", "curl -f localhost || exit 1"], "/"],
  [["CMD", "pg_isready", "-U", "postgres"], undefined],
  [["CMD-SHELL", "redis-cli -h localhost ping"], undefined],
  [["CMD-SHELL", "test -f /tmp/ready"], undefined],
])("%j asks for %s", (words, path) => {
  expect(healthPathOf(words)).toBe(path);
});
