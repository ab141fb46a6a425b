import type { Check } from "../../check.ts";
import { proxyConfig, proxyVersion, trustForwarded } from "./configuration.ts";
import { networkChoice } from "./networks.ts";
import {
  upstreamError,
  upstreamGateway,
  upstreamLately,
  upstreamLoopback,
  upstreamPort,
  upstreamSilent,
  upstreamSlow,
} from "./upstream.ts";
import { nameStale, proxyDown, proxyNetwork, routerConflict } from "./way.ts";

export const proxyChecks: readonly Check[] = [
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
];
