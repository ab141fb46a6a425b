import { CODE_FAILS, CONTAINER_FAILS, DATA_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { complaints, proxiesOf } from "../../facts/proxies.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { breaksAt } from "../../way/judge-ways.ts";

export const upstreamPort = defineCheck({
  id: "proxy.upstream.port",
  severity: "error",
  finds: "a proxy that sends requests to a port on which the app doesn't listen",
  about:
    "The port in the proxy's configuration is compared with what the kernel says is listening in the container (/proc/PID/net/tcp, read on the host: the image needs no tool).",
  remedy: "Write the port that the app listens on: VIRTUAL_PORT, the label of the service, or the address in the configuration.",
  fixClass: "person",
  follows: ["ctr.unhealthy"],
  judge: breaksAt("proxy.upstream.port"),
});

export const upstreamLoopback = defineCheck({
  id: "proxy.upstream.loopback",
  severity: "error",
  finds: "an app that listens on its container's 127.0.0.1 alone",
  about:
    "Its own health check passes, since that asks from within; the proxy is refused. The container's LISTEN sockets are read.",
  remedy: "Let it listen on 0.0.0.0, and deploy.",
  fixClass: "person",
  judge: breaksAt("proxy.upstream.loopback"),
});

export const upstreamSilent = defineCheck({
  id: "proxy.upstream.silent",
  severity: "error",
  finds: "a routed container in which nothing listens at all",
  about:
    "It runs, and has no LISTEN socket. Not told in its first 20 seconds, nor while its health check says that it is starting.",
  remedy: "See in its log what it does. Migrations that run before it listens belong behind a health check, or into `migrate:`.",
  fixClass: "person",
  settle: 20,
  follows: ["ctr.unhealthy", "ctr.restart.loop", ...CONTAINER_FAILS, "compose.service.missing", ...DATA_FAILS, ...CODE_FAILS],
  judge: breaksAt("proxy.upstream.silent"),
});

export const upstreamSlow = defineCheck({
  id: "proxy.upstream.slow",
  severity: "error",
  finds: "an app that takes connections and doesn't answer: 504",
  about: "The container is asked from its host, past the proxy, with the route's own domain and path; it has five seconds.",
  remedy: "See what it waits for, its database first. A restart helps for as long as the cause stays away.",
  fixClass: "plan",
  follows: ["ctr.unhealthy", "ctr.restart.loop", ...DATA_FAILS, ...CODE_FAILS],
  judge: breaksAt("proxy.upstream.slow"),
});

export const upstreamError = defineCheck({
  id: "proxy.upstream.error",
  severity: "error",
  finds: "an app that answers with a server error itself",
  about: "The container is asked past the proxy: a status of 500 or more is the app's own, and the way to it is in order.",
  remedy: "Read the first error of its log; roll back if it came with the last release.",
  fixClass: "person",
  follows: [
    "ctr.unhealthy",
    "ctr.restart.loop",
    "compose.service.missing",
    ...DATA_FAILS,
    ...CODE_FAILS,
    ...CONTAINER_FAILS,
    "host.disk.space",
  ],
  judge: breaksAt("proxy.upstream.error"),
});

export const upstreamGateway = defineCheck({
  id: "proxy.upstream.gateway",
  severity: "error",
  finds: "a gateway error of the proxy, though the app answers on its host",
  about: "Both are asked from the host, for the same domain and path: the container answers, and the proxy says 502, 503 or 504.",
  remedy: "Read the proxy's log; make it read its configuration again. Right after a start, nginx bars a server for 10 seconds.",
  fixClass: "person",
  follows: [
    "slot.conflict",
    "slot.wal",
    "ctr.unhealthy",
    "proxy.config",
    "proxy.network.choice",
    "proxy.router.conflict",
    "compose.service.missing",
    "ctr.restart.loop",
  ],
  judge: breaksAt("proxy.upstream.gateway"),
});

export const upstreamLately = defineCheck({
  id: "proxy.upstream.lately",
  severity: "info",
  finds: "requests that the proxy could not pass on in the last hour",
  about:
    "`connect() failed` and `no live upstreams` in the proxy's log, since it last loaded its configuration. Mostly: a container was replaced before it listened.",
  remedy: "Deploy with tend, which waits until a container is healthy and the proxy has it; give the service a health check.",
  fixClass: "person",
  *judge({ proxies }, scene) {
    for (const { name, container } of proxiesOf(scene)) {
      const seen = proxies.proxies.find((one) => one.name === name);
      const subject = subjectOf(scene, container);
      const failed = (seen ? complaints(seen) : []).filter(({ text }) => /connect\(\) failed|no live upstreams/.test(text));
      const [first, last] = [failed[0], failed.at(-1)];
      if (!first || !last) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${container} could not pass ${failed.length} ${failed.length === 1 ? "request" : "requests"} on, ${first === last ? `at ${first.at.slice(0, 19)}` : `from ${first.at.slice(0, 19)} to ${last.at.slice(0, 19)}`}`,
          evidence: [first.text, ...(first === last ? [] : [last.text])],
          fix: { class: "person", text: "if it was a deploy: give the service a health check, and let tend deploy it" },
        });
      }
    }
  },
});
