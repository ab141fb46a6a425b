import type { Check } from "../../check.ts";
import { basicAuth, forwardedProto, routeWebsocket } from "./headers.ts";
import { bodySize, headerSize, routeTimeout } from "./limits.ts";
import { internalUrls, routeRedirect } from "./pages.ts";
import { routeHairpin, routeLoop, routePublic, unknownHost } from "./way.ts";

export const routeChecks: readonly Check[] = [
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
