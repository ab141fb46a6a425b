import { defineCheck } from "../../check.ts";
import { proxiesOf } from "../../facts/proxies.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { waysOf } from "../../way/routed.ts";

/** The program in the container that checks a configuration. */
const TESTS = {
  nginx: "nginx -t",
  "nginx-proxy": "nginx -t",
  caddy: "caddy validate --config /etc/caddy/Caddyfile",
  traefik: "",
} as const;

export const proxyConfig = defineCheck({
  id: "proxy.config",
  severity: "error",
  finds: "a proxy's configuration that it would refuse to load",
  about:
    "It serves what it loaded before; the next reload does nothing, and after the next start of the host it isn't there. `nginx -t` or `caddy validate` is asked, in its container.",
  remedy: "Mend the line that it names, check again, and reload.",
  fixClass: "person",
  follows: ["proxy.down", "proxy.network"],
  *judge({ containers, proxies }, scene) {
    for (const proxy of proxiesOf(scene)) {
      const { refuses } = proxies.proxies.find(({ name }) => name === proxy.name) ?? {};
      const subject = subjectOf(scene, proxy.container);
      if (refuses === undefined) {
        yield pass(subject);
        continue;
      }
      const missing = /host not found in upstream "([^":]+)/.exec(refuses)?.[1];
      // The name of an app that is down is in no DNS; that it is down is what matters.
      const owner = missing && containers.find(({ name, service }) => name === missing || service === missing);
      if (owner && owner.state !== "running") {
        yield skip(subject, `${owner.name} isn't running, and nginx wants its address`);
        continue;
      }
      const lines = refuses.split("\n").filter((text) => text.trim() !== "");
      yield fail(subject, {
        title: missing
          ? `${proxy.container} would not come up again: it finds no ${missing}, which its configuration names`
          : `${proxy.container} would refuse its configuration: the next reload or restart fails`,
        evidence: lines.filter((text) => !/test failed|syntax is ok/.test(text)).slice(0, 4),
        cause: missing ? "no running container of that name is on a network of the proxy's" : undefined,
        fix: {
          class: "person",
          text: `mend what it names; then check: docker exec ${proxy.container} ${TESTS[proxy.kind]}`,
        },
        reaches: [...waysOf(scene)].filter((way) => way.proxy === proxy).map((way) => way.subject),
      });
    }
  },
});

export const proxyVersion = defineCheck({
  id: "proxy.version",
  severity: "error",
  finds: "a Traefik that is too old for the host's Docker: every route is 404",
  about:
    "Docker 29 refuses the API version that Traefik before 3.6.1, or 2.11.31, asks for; it then sees no container. Both versions are compared, and its log is read for the refusal.",
  remedy: "Raise Traefik's image to 3.6.1 or newer (of version 2: 2.11.31), and recreate it.",
  fixClass: "person",
  *judge({ proxies }, scene) {
    for (const proxy of proxiesOf(scene)) {
      if (proxy.kind !== "traefik") continue;
      const subject = subjectOf(scene, proxy.container);
      const { version = "", log = [] } = proxies.proxies.find(({ name }) => name === proxy.name) ?? {};
      const refused = log.findLast(({ text }) => /client version \S+ is too old/i.test(text));
      const tooOld =
        isBefore(version, version.startsWith("2.") ? [2, 11, 31] : [3, 6, 1]) && !isBefore(proxies.engine, [29, 0, 0]);
      if (!refused && !tooOld) yield pass(subject);
      else {
        yield fail(subject, {
          title: `Traefik ${version || "here"} is too old for Docker ${proxies.engine}: it sees no container, and every route is 404`,
          evidence: refused
            ? [refused.text]
            : [`Traefik ${version}, Docker ${proxies.engine}: from 29 on it takes Traefik 3.6.1 or 2.11.31`],
          fix: { class: "person", text: `raise ${proxy.container}'s image to traefik:v3.6.1 or newer, and recreate it` },
        });
      }
    }
  },
});

/** What is no version is before nothing. */
function isBefore(version: string, limit: readonly number[]): boolean {
  const parts = /(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (!parts) return false;
  const at = parts.findIndex((part, index) => part !== limit[index]);
  return at !== -1 && (parts[at] as number) < (limit[at] ?? 0);
}

export const trustForwarded = defineCheck({
  id: "proxy.trust-forwarded",
  severity: "warning",
  hardening: true,
  finds: "an nginx-proxy that believes what its clients say of themselves",
  about:
    "TRUST_DOWNSTREAM_PROXY is true by default: X-Forwarded-Proto, -Host and -Port that a client sends reach the app as they are. Right behind another proxy, wrong where it faces the internet.",
  remedy:
    "Set TRUST_DOWNSTREAM_PROXY=false in nginx-proxy's environment, unless it stands behind a proxy of yours, and recreate it.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const proxy of proxiesOf(scene)) {
      const container = containers.find(({ name }) => name === proxy.container);
      if (proxy.kind !== "nginx-proxy" || !container) continue;
      const subject = subjectOf(scene, proxy.container);
      const trust = container.env["TRUST_DOWNSTREAM_PROXY"];
      if (trust === "false") yield pass(subject);
      else {
        yield fail(subject, {
          title: `${proxy.container} passes on the X-Forwarded-Proto and X-Forwarded-Host that clients make up`,
          evidence: [
            trust === undefined ? "TRUST_DOWNSTREAM_PROXY isn't set, and true is its default" : `TRUST_DOWNSTREAM_PROXY=${trust}`,
          ],
          fix: {
            class: "person",
            text: `unless it stands behind a proxy of yours, set TRUST_DOWNSTREAM_PROXY=false for ${proxy.container}, and recreate it`,
          },
        });
      }
    }
  },
});
