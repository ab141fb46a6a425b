import type { ProxyKind } from "../model/fleet.ts";
import { caddy } from "./caddy.ts";
import { nginx } from "./nginx.ts";
import { nginxProxy } from "./nginx-proxy.ts";
import type { ProxyRules } from "./proxy.ts";
import { traefik } from "./traefik.ts";

/** Every proxy that tend knows how to swap a container behind. */
export const proxies: Readonly<Record<ProxyKind, ProxyRules>> = { nginx, "nginx-proxy": nginxProxy, caddy, traefik };
