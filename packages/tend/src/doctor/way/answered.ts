import { isPublic } from "../../dns/addresses.ts";
import type { Routed } from "../../proxy/routing.ts";
import type { Asked } from "./ask.ts";
import { complained } from "./complained.ts";
import { type Further, is, line, type Outcome, type Place, reloadFix } from "./place.ts";
import { type DeclaredWay, keyOf, lookedAt, sharedNetworks } from "./routed.ts";

/** What nobody could tell from configurations: what was really answered. */
export function asAnswered(
  { seen, way, proxy, container, upTo }: Further,
  routed: Routed | undefined,
  port: number | undefined,
): Outcome {
  const { domain } = way.route;
  const asked = seen.hops[keyOf(way)];
  if (!asked) return { beside: "it was not asked" };
  const { app, proxy: own } = asked;
  if (app?.kind === "late") {
    return is("proxy.upstream.slow", {
      title: `${container.name} takes the connection and doesn't answer: ${domain} will be 504`,
      evidence: [line(app), `port ${port ?? "?"} of the container, asked from the host`],
      fix: {
        class: "plan",
        text: "see what it waits for (its log, its database); then restart it",
        operation: `tend restart ${way.app.name} --only ${way.service.name}`,
      },
    });
  }
  if (upTo("proxy.upstream.error")) return { whole: true };
  const status = app?.status ?? 0;
  const wanted = way.service.probe?.path === way.path ? way.service.probe.status : undefined;
  if (status >= 500 && status !== wanted) {
    return is("proxy.upstream.error", {
      title: `${container.name} itself answers ${status} at ${way.path}: the way to it is in order`,
      evidence: [line(app as Asked)],
      fix: {
        class: "person",
        text: `read the first error in its log: tend logs ${way.app.name} --only ${way.service.name} --since 15m`,
      },
    });
  }
  if (upTo("proxy.upstream.gateway")) return { whole: true };
  const gateway = own?.status !== undefined && [502, 503, 504].includes(own.status) && own.status !== status;
  if (app?.status !== undefined && (gateway || own?.error !== undefined)) {
    const said = complained(lookedAt(seen, way)).filter((one) => one.domain === undefined || one.domain === domain);
    if (said.some(({ text }) => text.includes("too big header"))) {
      return { beside: "the header of its answers is too big for the proxy" };
    }
    const words = said.filter(({ text }) => /connect\(\) failed|timed out|no live upstreams/.test(text));
    // Where nginx says whom it asked: an address that is the container's own is no old one.
    const led = /upstream: "https?:\/\/([^:/"]+)/.exec(words.at(-1)?.text ?? "")?.[1];
    const isOwn = Object.values(container.networks).some(({ address }) => address === led);
    const resolvedOnce = way.proxy.kind === "nginx" && !routed?.lookedUp && sharedNetworks(proxy, container).length > 0;
    const reached = gateway || own?.kind === "late";
    const stale = resolvedOnce && !isOwn && reached;
    return is(stale ? "proxy.name.stale" : "proxy.upstream.gateway", {
      title: stale
        ? `${proxy.name} asks for ${container.name} at an address that it hasn't any more: ${domain} is ${own?.status ?? "silent"}`
        : `${container.name} answers, but ${proxy.name} ${gateway ? `says ${own?.status}` : "doesn't"} for ${domain}`,
      evidence: [`${proxy.name}: ${line(own as Asked)}`, alive(container.name, app), ...words.slice(-1).map(({ text }) => text)],
      cause: stale
        ? "nginx resolves a name when it loads its configuration, and the container was made anew since"
        : gateway
          ? "nginx bars a server for 10 s after an error; if it lasts, the proxy can't reach the container"
          : undefined,
      fix:
        stale || (reached && way.proxy.kind === "nginx-proxy")
          ? reloadFix(way, "check the configuration, and reload")
          : { class: "person", text: `read what it says: docker logs --tail 20 ${proxy.name}` },
    });
  }
  if (app?.error !== undefined && own?.status !== undefined && own.status >= 500) {
    return is("proxy.upstream.gateway", {
      title: `neither ${proxy.name} nor this host can connect to ${container.name}: ${domain} is ${own.status}`,
      evidence: [`${container.name}: ${line(app)}`, `${proxy.name}: ${line(own)}`],
      fix: {
        class: "person",
        text: `see whether the declared port is right, and what it does: tend logs ${way.app.name} --only ${way.service.name}`,
      },
    });
  }
  if (upTo("route.loop")) return { whole: true };
  return inPublic(way, asked.public, own, upTo);
}

/** It was asked for what users ask for. A proxy may make another path of that, and a 404 is then no more than a sign of life. */
function alive(name: string, app: Asked): string {
  const isRefusal = app.status !== undefined && app.status >= 400;
  return `${name} answers: ${line(app)}${isRefusal ? "; the proxy may ask it for another path" : ""}`;
}

function inPublic(way: DeclaredWay, seen: readonly Asked[], own: Asked | undefined, upTo: (place: Place) => boolean): Outcome {
  const { domain } = way.route;
  const [first] = seen;
  const locations = seen.map(({ location }) => location).filter((location) => location !== undefined);
  const again = locations.find((location, at) => locations.indexOf(location) < at);
  if (again !== undefined) {
    return is("route.loop", {
      title: `${domain} redirects in a circle`,
      evidence: seen.map((one) => `${one.status} → ${one.location}${one.server ? ` (server: ${one.server})` : ""}`),
      cause: "TLS ends before this proxy, which is asked by http and redirects to https again",
      fix: {
        class: "person",
        text: "let whatever ends TLS ask this proxy by https (Cloudflare: SSL mode Full), or stop the redirect here and trust its X-Forwarded-Proto",
      },
    });
  }
  if (upTo("route.hairpin")) return { whole: true };
  // A name without an address, and a certificate that is wrong, have checks of their own.
  if (first?.error === undefined || first.kind === "name" || first.kind === "tls" || own?.status === undefined)
    return { whole: true };
  const mayBeHairpin = way.proxy.url === undefined && isPublic(hostOf(first.to));
  return is(mayBeHairpin ? "route.hairpin" : "route.public", {
    title: mayBeHairpin
      ? `${domain} doesn't answer from here at its public address, though the proxy answers on its host`
      : `${domain} doesn't answer from here at ${first.to}, though the proxy answers on its host`,
    evidence: [`from here: ${line(first)}`, `on the host: ${line(own)}`],
    cause: mayBeHairpin
      ? "if this machine is in the host's own network: a router that doesn't lead its own public address back in (hairpin NAT). Else: a firewall, or a port that isn't forwarded"
      : "a firewall, or a port that isn't published",
    fix: {
      class: "person",
      text: mayBeHairpin
        ? `ask from another network (a phone). If it works there, let the network's own DNS answer ${domain} with the host's inner address`
        : `see what is published: docker port ${way.proxy.container}; and the firewall's rules for that port`,
    },
  });
}

/** `172.18.0.3:8000`, `[fd00::3]:8000`. */
function hostOf(to: string): string {
  return to.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
