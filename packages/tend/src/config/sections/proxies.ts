import { z } from "zod";
import { container, hostName, proxyName } from "../../model/names.ts";
import { address, mapOf, named, section, text } from "../values.ts";
import { tls } from "./tls.ts";

export const proxy = section("a map with host, kind and container", {
  host: named<"host">(hostName).describe("The host that it runs on."),
  kind: z
    .enum(["nginx-proxy", "nginx", "caddy", "traefik"], { error: "nginx-proxy, nginx, caddy or traefik" })
    .describe("What it is, which decides how a new container is brought in without losing requests."),
  container: named<"container">(container).describe("The name of its container."),
  network: text("a network's name", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/)
    .optional()
    .describe("The Docker network on which it reaches the apps."),
  url: address("an http:// or https:// address without a password, such as http://10.0.0.5:80")
    .optional()
    .describe("Where it answers, when the domains' own DNS names can't be used: http://10.0.0.5:80."),
  tls: tls.optional(),
}).check(({ value, issues }) => {
  if (issues.length > 0 || !value.tls) return;
  const { by } = value.tls;
  const kinds: readonly string[] = by === "acme-companion" ? ["nginx-proxy"] : by === "certbot" ? ["nginx-proxy", "nginx"] : [by];
  if (kinds.includes(value.kind)) return;
  const says = `${by} doesn't renew for a proxy of kind ${value.kind}`;
  const message = `${value.kind === "nginx" ? "certbot" : value.kind === "nginx-proxy" ? "acme-companion or certbot" : value.kind}`;
  issues.push({ code: "custom", path: ["tls", "by"], message, input: value, params: { says } });
});

export const proxies = mapOf(named<"proxy">(proxyName), proxy, "a map of proxies").describe(
  "The reverse proxies that are already there, by name. tend doesn't install or configure them.",
);
