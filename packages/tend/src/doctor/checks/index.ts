import type { Check } from "../check.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { diskSpace } from "./host/disk-space.ts";
import { reachable } from "./host/reachable.ts";
import { proxyConfig, proxyVersion, trustForwarded } from "./proxy/configuration.ts";
import { networkChoice } from "./proxy/networks.ts";
import {
  upstreamError,
  upstreamGateway,
  upstreamLately,
  upstreamLoopback,
  upstreamPort,
  upstreamSilent,
  upstreamSlow,
} from "./proxy/upstream.ts";
import { nameStale, proxyDown, proxyNetwork, routerConflict } from "./proxy/way.ts";
import { basicAuth, forwardedProto, routeWebsocket } from "./route/headers.ts";
import { bodySize, headerSize, routeTimeout } from "./route/limits.ts";
import { internalUrls, routeRedirect } from "./route/pages.ts";
import { routeHairpin, routeLoop, routePublic, unknownHost } from "./route/way.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  // container
  unhealthy,
  // proxy
  proxyDown,
  proxyConfig,
  proxyVersion,
  proxyNetwork,
  networkChoice,
  routerConflict,
  nameStale,
  upstreamPort,
  upstreamLoopback,
  upstreamSilent,
  upstreamSlow,
  upstreamError,
  upstreamGateway,
  upstreamLately,
  trustForwarded,
  // route
  unknownHost,
  routeRedirect,
  internalUrls,
  forwardedProto,
  routeWebsocket,
  basicAuth,
  bodySize,
  headerSize,
  routeTimeout,
  routeLoop,
  routeHairpin,
  routePublic,
];
