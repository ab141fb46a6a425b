import type { ProxyKind } from "../model/fleet.ts";
import { caddy } from "./caddy/swap.ts";
import { nginx } from "./nginx/swap.ts";
import { nginxProxy } from "./nginx-proxy/swap.ts";
import type { ProxyRules } from "./proxy.ts";
import { traefik } from "./traefik/swap.ts";

/** Every proxy that tend knows how to swap a container behind. */
export const proxies: Readonly<Record<ProxyKind, ProxyRules>> = { nginx, "nginx-proxy": nginxProxy, caddy, traefik };
