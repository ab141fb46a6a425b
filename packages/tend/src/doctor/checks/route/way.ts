import { CONTAINER_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { breaksAt } from "../../way/judge-ways.ts";

/** Whoever asks for the name doesn't come to the host. */
const LEADS_ELSEWHERE: readonly string[] = [
  "dns.mismatch",
  "dns.missing",
  "dns.stale-aaaa",
  "dns.cgnat",
  "tls.acme.wrong-address",
];

export const unknownHost = defineCheck({
  id: "route.unknown-host",
  severity: "error",
  finds: "a declared domain that the proxy doesn't route: 404, 503 or somebody else's page",
  about:
    "What the proxy has loaded is read: nginx-proxy's generated file, `nginx -T`, the adapted Caddyfile, the labels that Traefik reads. A typo in VIRTUAL_HOST, server_name or the Host rule looks like this.",
  remedy: "Correct the name where that proxy reads it, and deploy. `tend route add --dry-run` prints what is to be written.",
  fixClass: "person",
  follows: [
    "ctr.unhealthy",
    "proxy.version",
    "proxy.config",
    "compose.drift",
    "compose.service.missing",
    "ctr.restart.loop",
    ...CONTAINER_FAILS,
  ],
  judge: breaksAt("route.unknown-host"),
});

export const routeLoop = defineCheck({
  id: "route.loop",
  severity: "error",
  finds: "a domain that redirects in a circle",
  about:
    "The public address is asked as a browser does, and its redirects are followed. Mostly TLS is ended twice: at a CDN, and here.",
  remedy: "Let whatever stands in front ask by https, or trust its X-Forwarded-Proto instead of redirecting.",
  fixClass: "person",
  judge: breaksAt("route.loop"),
});

export const routeHairpin = defineCheck({
  id: "route.hairpin",
  follows: LEADS_ELSEWHERE,
  severity: "warning",
  finds: "a public address that doesn't answer from here, while the proxy answers on its host",
  about:
    "From within the host's own network that is a router without hairpin NAT, and harmless to others; from anywhere else a firewall or a port that isn't forwarded.",
  remedy: "Ask from another network. If it works there, let the inner DNS answer with the inner address.",
  fixClass: "person",
  judge: breaksAt("route.hairpin"),
});

export const routePublic = defineCheck({
  id: "route.public",
  follows: [...LEADS_ELSEWHERE, "proxy.down", "host.port.busy"],
  severity: "error",
  finds: "a proxy that answers on its host, and not at the address that is declared for it",
  about: "The proxy's `url` is asked from the machine that tend runs on, and the proxy itself from its host.",
  remedy: "See whether the port is published, and what the firewall does with it.",
  fixClass: "person",
  judge: breaksAt("route.public"),
});
