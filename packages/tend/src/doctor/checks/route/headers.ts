import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { line } from "../../way/place.ts";
import { keyOf, taken, waysOf } from "../../way/routed.ts";

const NGINX_SCHEME = "proxy_set_header X-Forwarded-Proto $scheme;";
const NGINX_UPGRADE = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

export const forwardedProto = defineCheck({
  id: "route.forwarded-proto",
  severity: "warning",
  finds: "a route that doesn't tell the app that its users came by https",
  about:
    "Without X-Forwarded-Proto an app makes http addresses, and redirects to them. A proxy_set_header in a location replaces all those around it: the one that counts is looked at. Told where the route is served by TLS.",
  remedy: `Plain nginx: ${NGINX_SCHEME} The other proxies send it by themselves.`,
  fixClass: "person",
  *judge(seen, scene) {
    for (const way of waysOf(scene)) {
      const routed = taken(seen, way);
      if (!routed) continue;
      if (routed.tellsScheme || !(routed.tls || way.proxy.url?.protocol === "https:")) yield pass(way.subject);
      else {
        yield fail(way.subject, {
          title: `${way.proxy.container} doesn't tell ${way.service.name} of ${way.app.name} that ${way.route.domain} is asked for by https`,
          evidence: [`location ${routed.path} of ${routed.domain}: no X-Forwarded-Proto among its proxy_set_header`],
          fix: { class: "person", text: `add to that location: ${NGINX_SCHEME} Then nginx -t, and reload` },
        });
      }
    }
  },
});

export const routeWebsocket = defineCheck({
  id: "route.websocket",
  severity: "error",
  finds: "WebSockets that the app offers and the proxy doesn't pass on: 400 or 426",
  about:
    "Where the proxy's configuration lacks what an upgrade takes, the app is asked for a WebSocket at the route's first path, past the proxy and through it: 101 from the one and not from the other is the fault.",
  remedy: `Plain nginx: ${NGINX_UPGRADE} The other proxies pass them on by themselves.`,
  fixClass: "person",
  follows: ["proxy.name.stale", "proxy.upstream.gateway"],
  *judge({ hops }, scene) {
    for (const way of waysOf(scene)) {
      const { socket } = hops[keyOf(way)] ?? {};
      if (socket?.app.status !== 101 || socket.proxy?.status === 101) yield pass(way.subject);
      else {
        yield fail(way.subject, {
          title: `${way.proxy.container} doesn't pass WebSockets of ${way.route.domain}${socket.app.path} on: the app takes them, users get ${socket.proxy?.status ?? "no answer"}`,
          evidence: [
            `app: ${line(socket.app)}`,
            ...(socket.proxy ? [`proxy: ${line(socket.proxy)}`] : []),
            "asked with Connection: Upgrade, Upgrade: websocket",
          ],
          fix: { class: "person", text: `add to its location: ${NGINX_UPGRADE} Then nginx -t, and reload` },
        });
      }
    }
  },
});

export const basicAuth = defineCheck({
  id: "route.basic-auth",
  severity: "error",
  finds: "a login that no password opens: always 401",
  about:
    "In a compose file every $ of a password's hash is to be written twice; written once, Compose takes it for a variable and leaves it out. The label that Traefik reads is looked at, its value isn't shown.",
  remedy: "Write $$apr1$$… in the label, and deploy.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const way of waysOf(scene)) {
      const routed = taken(seen, way);
      if (!routed) continue;
      if (!routed.brokenLogin) yield pass(way.subject);
      else {
        yield fail(way.subject, {
          title: `no password opens ${way.route.domain}: the login's hash in the labels is cut short`,
          evidence: ["a basicauth.users label of the service has no hash of a kind that is known ($apr1$, $2y$, …)"],
          cause: "Compose replaced $apr1 by a variable that isn't set",
          fix: { class: "person", text: "write every $ of the hash twice ($$apr1$$…) in the compose file, and deploy" },
        });
      }
    }
  },
});
