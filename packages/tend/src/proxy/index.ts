import type { ProxyKind } from "../model/fleet.ts";
import type { ProxyAdding } from "./addition.ts";
import { caddyAdding } from "./caddy/add.ts";
import { caddyRouting } from "./caddy/routes.ts";
import { caddy } from "./caddy/swap.ts";
import { nginxAdding } from "./nginx/add.ts";
import { nginxRouting } from "./nginx/routes.ts";
import { nginx } from "./nginx/swap.ts";
import { nginxProxyAdding } from "./nginx-proxy/add.ts";
import { nginxProxyRouting } from "./nginx-proxy/routes.ts";
import { nginxProxy } from "./nginx-proxy/swap.ts";
import type { ProxyRules } from "./proxy.ts";
import type { ProxyRouting } from "./routing.ts";
import { traefikAdding } from "./traefik/add.ts";
import { traefikRouting } from "./traefik/routes.ts";
import { traefik } from "./traefik/swap.ts";

/** Every proxy that tend knows how to swap a container behind. */
export const proxies: Readonly<Record<ProxyKind, ProxyRules>> = { nginx, "nginx-proxy": nginxProxy, caddy, traefik };

/** How each of them is asked what it routes. */
export const routings: Readonly<Record<ProxyKind, ProxyRouting>> = {
  nginx: nginxRouting,
  "nginx-proxy": nginxProxyRouting,
  caddy: caddyRouting,
  traefik: traefikRouting,
};

/** How each of them learns of a new one. */
export const addings: Readonly<Record<ProxyKind, ProxyAdding>> = {
  nginx: nginxAdding,
  "nginx-proxy": nginxProxyAdding,
  caddy: caddyAdding,
  traefik: traefikAdding,
};
