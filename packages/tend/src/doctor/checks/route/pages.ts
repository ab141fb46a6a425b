import { isIPv4 } from "node:net";
import { defineCheck } from "../../check.ts";
import type { Seen } from "../../facts/index.ts";
import { fail, pass } from "../../finding.ts";
import type { Scene } from "../../scene.ts";
import { line } from "../../way/place.ts";
import { containersOf, type DeclaredWay, isAt, keyOf, taken, waysOf } from "../../way/routed.ts";

const TELL_IT =
  "let the app believe the proxy: uvicorn --proxy-headers --forwarded-allow-ips='*', Express trust proxy, Django SECURE_PROXY_SSL_HEADER";

export const routeRedirect = defineCheck({
  id: "route.redirect",
  severity: "error",
  finds: "an app that redirects users to http, or to a name that only containers know",
  about:
    "The app is asked past the proxy, with the domain and `X-Forwarded-Proto: https`, for its probe, for that with a slash (frameworks redirect there) and for the route's first page.",
  remedy: "Make the app believe the headers of its proxy, and the proxy send them.",
  fixClass: "person",
  follows: ["proxy.upstream.slow", "proxy.upstream.error"],
  *judge(seen, scene) {
    for (const way of waysOf(scene)) {
      const asked = seen.hops[keyOf(way)]?.pages ?? [];
      if (asked.length === 0) continue;
      const wrong = asked.find(({ location }) => location !== undefined && whyWrong(location, way, seen, scene));
      if (!wrong) yield pass(way.subject);
      else {
        yield fail(way.subject, {
          title: `${way.service.name} of ${way.app.name} redirects to ${originOf(wrong.location as string)}: ${whyWrong(wrong.location as string, way, seen, scene)}`,
          evidence: [line(wrong), "asked with Host and X-Forwarded-Proto: https"],
          cause: "it doesn't believe the X-Forwarded-Proto and Host of its proxy",
          fix: { class: "person", text: TELL_IT },
        });
      }
    }
  },
});

export const internalUrls = defineCheck({
  id: "route.internal-urls",
  severity: "error",
  finds: "a page that loads things by http, or from a name that only containers know",
  about:
    "The page at the route's first path is read, as the app gives it for `X-Forwarded-Proto: https`: what its tags load, not what its links lead to.",
  remedy: "Make the app believe the headers of its proxy; where the address was built in, build it again with the public one.",
  fixClass: "person",
  follows: ["proxy.upstream.slow", "proxy.upstream.error"],
  *judge(seen, scene) {
    for (const way of waysOf(scene)) {
      const loads = (seen.hops[keyOf(way)]?.pages ?? []).flatMap((asked) => asked.loads ?? []);
      const wrong = loads.filter((address) => whyWrong(address, way, seen, scene));
      if (wrong.length === 0) yield pass(way.subject);
      else {
        yield fail(way.subject, {
          title: `the page of ${way.service.name} of ${way.app.name} loads from ${originOf(wrong[0] as string)}: ${whyWrong(wrong[0] as string, way, seen, scene)}`,
          evidence: wrong.slice(0, 4),
          cause: "the app makes addresses of what it sees itself, or they were built in",
          fix: {
            class: "person",
            text: `${TELL_IT}; where the address was built in, build again with https://${way.route.domain}`,
          },
        });
      }
    }
  },
});

/** Why users can't follow such an address; undefined where they can. */
function whyWrong(address: string, way: DeclaredWay, seen: Seen, scene: Scene): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, protocol } = new URL(address);
  if (hostname === way.route.domain) {
    return protocol === "http:" && isSecure(way, seen) ? "browsers leave https, or refuse to load it" : undefined;
  }
  // A name with a dot may be a public one, which is an alias so that containers find it, too.
  const isOwn = containersOf(scene, way, seen.containers).some((one) => isAt(one, hostname));
  const within =
    /^(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/.test(hostname) || (isOwn && (isIPv4(hostname) || !hostname.includes(".")));
  return within ? "nobody outside of the host can reach that" : undefined;
}

function isSecure(way: DeclaredWay, seen: Seen): boolean {
  if (way.proxy.url) return way.proxy.url.protocol === "https:";
  return taken(seen, way)?.tls ?? true;
}

function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}
