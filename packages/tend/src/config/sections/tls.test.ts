import { describe, expect, test } from "vitest";
import { parseFleet } from "../parse-fleet.ts";
import { formatProblem } from "../problem.ts";
import { problemsOf } from "../testing.ts";

const yaml = (kind: string, tls: string, host = "{ ssh: a }") =>
  `fleet: home\nhosts: { a: ${host} }\nproxies:\n  edge: { host: a, kind: ${kind}, container: edge, tls: ${tls} }\n`;
const renewal = (kind: string, tls: string, host?: string) =>
  [...parseFleet(yaml(kind, tls, host), "/home/me/tend.yaml").proxies.values()][0]?.tls;
const wrong = (kind: string, tls: string) => {
  const [problem, ...more] = problemsOf(yaml(kind, tls)).problems;
  expect(more).toEqual([]);
  if (!problem) throw new Error("nothing is wrong");
  return formatProblem(problem)
    .split("\n")
    .at(0)
    ?.replace(/^.*?error/, "error")
    .concat(" · ", problem.hint ?? "");
};

describe("who renews a proxy's certificates", () => {
  test.each([
    ["nginx-proxy", "{ by: acme-companion, container: acme }", { by: "acme-companion", container: "acme" }],
    ["nginx", "{ by: certbot, how: standalone }", { by: "certbot", run: ["certbot"] }],
    [
      "nginx",
      "{ by: certbot, how: webroot, webroot: /var/www, run: docker compose run --rm certbot, in: ~/infra }",
      { by: "certbot", webroot: "/var/www", run: ["docker", "compose", "run", "--rm", "certbot"], in: "~/infra" },
    ],
    ["caddy", "{ by: caddy }", { by: "caddy" }],
    ["traefik", "{ by: traefik }", { by: "traefik", storage: "/letsencrypt/acme.json" }],
  ])("%s: %s", (kind, tls, expected) => expect(renewal(kind, tls)).toEqual(expected));

  test("a local folder starts at the declaration", () => {
    expect(renewal("nginx", "{ by: certbot, how: standalone, in: infra }", "local")).toMatchObject({ in: "/home/me/infra" });
  });

  test.each([
    ["nginx", "{ by: certbto, how: standalone }", 'did you mean "certbot"?'],
    ["nginx", "{ by: certbot, hwo: standalone }", 'did you mean "how"?'],
    ["nginx", "{ by: certbot }", "how is missing"],
    ["nginx", "{ by: certbot, how: webroot }", "how: webroot needs the folder"],
    ["nginx", "{ by: certbot, how: standalone, webroot: /x }", "webroot doesn't go with how: standalone"],
    ["nginx-proxy", "{ by: acme-companion }", "container is missing"],
    ["nginx", "{ by: acme-companion, container: x }", "acme-companion doesn't renew for a proxy of kind nginx"],
    ["caddy", "{ by: caddy, storage: /x }", "storage doesn't go with by: caddy"],
    ["caddy", "caddy", "expected a map with by"],
  ])("%s: %s is refused", (kind, tls, says) => expect(wrong(kind, tls)).toContain(says));
});
