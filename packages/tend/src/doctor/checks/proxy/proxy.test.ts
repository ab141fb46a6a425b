import { describe, expect, test } from "vitest";
import { type Changes, cases, container, judged, YAML } from "../../testing.ts";
import { proxyConfig, trustForwarded } from "./configuration.ts";
import {
  upstreamError,
  upstreamGateway,
  upstreamLately,
  upstreamLoopback,
  upstreamPort,
  upstreamSilent,
  upstreamSlow,
} from "./upstream.ts";
import { nameStale, proxyDown, proxyNetwork } from "./way.ts";

const WEB = "hemma/skriptoteket/web";
const PROXY = "hemma/nginx-proxy";
const REFUSED = { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" };
const unasked = { containers: REFUSED } satisfies Changes;

const asked = (more: object) => ({ to: "172.18.0.3:8000", path: "/health", ms: 3, ...more });
/** What was answered along the way, changed. */
const answered = (more: object): Changes => ({
  hops: {
    value: {
      "skriptoteket/web": {
        public: [asked({ to: "10.77.0.11:80", status: 200 })],
        proxy: asked({ to: "172.18.0.4:80", status: 200 }),
        app: asked({ status: 200 }),
        pages: [],
        ...more,
      },
    },
  },
});
const network = (name: string, address: string) => ({ [name]: { IPAddress: address, Aliases: ["web"] } });
/** Puts lines into the proxy's log. */
const logged =
  (...lines: readonly string[]) =>
  (recorded: string) =>
    `${recorded}${lines.map((line) => `2026-11-20T13:50:00.000000000Z ${line}\n`).join("")}`;

cases(proxyDown, {
  good: { "restarted long ago": { containers: container("nginx-proxy", () => ({ restarts: 3 })) } },
  bad: {
    "it has ended": {
      seen: { containers: container("nginx-proxy", () => ({ state: "exited", exitCode: 1, error: "" })) },
      on: PROXY,
      says: "is exited with status 1",
    },
    "there is none": {
      seen: { containers: (recorded) => recorded.replaceAll("/nginx-proxy", "/other") },
      on: PROXY,
      says: "no container is called nginx-proxy",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

cases(proxyNetwork, {
  good: {
    "the app isn't running: that is another matter": { containers: container("skriptoteket-web", () => ({ state: "exited" })) },
    "in another container's network": {
      containers: container("skriptoteket-web", () => ({ networks: {}, networkMode: "container:c0ffee" })),
    },
    "on two networks, one of them shared": {
      containers: container("skriptoteket-web", (raw) => ({
        networks: { ...(raw["networks"] as object), ...network("other", "172.19.0.2") },
      })),
    },
  },
  bad: {
    "on another network": {
      seen: { containers: container("skriptoteket-web", () => ({ networks: network("skriptoteket_default", "172.19.0.2") })) },
      on: WEB,
      says: "skriptoteket-web is on skriptoteket_default",
    },
    "on none": { seen: { containers: container("skriptoteket-web", () => ({ networks: {} })) }, on: WEB, says: "on no network" },
  },
  unmeasurable: { "the engine refuses": unasked },
});

/** Another container beside that of the service, as like it as replicas are. */
const beside =
  (address: string, change: object = {}) =>
  (recorded: string) =>
    recorded
      .split("\n")
      .flatMap((line) => {
        if (!line.includes('"name":"/skriptoteket-web"')) return [line];
        const raw = {
          ...JSON.parse(line),
          id: "c0ffee",
          name: "/skriptoteket-web-2",
          networks: network("edge-network", address),
        };
        return [line, JSON.stringify({ ...raw, ...change })];
      })
      .join("\n");
const two = (recorded: string) => recorded.replace("server 172.18.0.3:8000;", "server 172.18.0.3:8000; server 172.18.0.9:8000;");

cases(nameStale, {
  good: {
    "two replicas": { proxies: two, containers: beside("172.18.0.9") },
    "another container for the same domain": { proxies: two, containers: beside("172.18.0.9", { labels: {} }) },
    "an address of IPv6, which isn't known of containers": {
      proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server [fd00::3]:8000"),
    },
    "the app is still starting": {
      containers: container("skriptoteket-web", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } })),
      proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 172.18.0.9:8000"),
    },
  },
  bad: {
    "one address of two is nobody's": { seen: { proxies: two }, on: WEB, says: "172.18.0.9" },
    "one address of two is another app's": {
      seen: { proxies: two, containers: beside("172.18.0.9", { labels: {}, env: [null] }) },
      on: WEB,
      says: "172.18.0.9",
    },
    "the container has another address now": {
      seen: { proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 172.18.0.9:8000") },
      on: WEB,
      says: "172.18.0.9",
    },
    "no usable server": {
      seen: { proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 127.0.0.1 down") },
      on: WEB,
      says: "no usable server",
    },
  },
  unmeasurable: { "the proxy can't be asked": { proxies: REFUSED } },
});

describe("behind plain nginx, an old address", () => {
  const NGINX = YAML.replace("kind: nginx-proxy", "kind: nginx");
  const silent = { to: "172.18.0.4:80", path: "/health", ms: 5000 };
  const log =
    (address: string, host = "skriptoteket.example:80") =>
    (recorded: string) =>
      `${recorded}2026-11-20T13:50:00Z connect() failed (111: Connection refused), upstream: "http://${address}:8000/health", host: "${host}"\n`;

  test.each([
    ["502", { status: 502 }],
    ["silence", { error: "no answer within 5 s", kind: "late" }],
  ])("is known by %s where the app answers", (_, answer) => {
    const seen = { ...answered({ proxy: { ...silent, ...answer } }), proxies: log("172.18.0.9") };
    const { findings } = judged(nameStale, seen, NGINX);
    expect(findings).toMatchObject([{ id: "proxy.name.stale", subject: WEB, fix: { class: "safe" } }]);
    expect(findings[0]?.evidence.join("\n")).toContain("172.18.0.9");
    expect(judged(upstreamGateway, seen, NGINX).findings).toEqual([]);
  });

  test.each([
    ["the right one", log("172.18.0.3")],
    [
      "the right one, and another site's is gone",
      (recorded: string) => log("172.18.0.9", "other.example")(log("172.18.0.3")(recorded)),
    ],
  ])("isn't blamed where nginx asked %s", (_, proxies) => {
    const seen = { ...answered({ proxy: { ...silent, status: 502 } }), proxies };
    expect(judged(nameStale, seen, NGINX).findings).toEqual([]);
    expect(judged(upstreamGateway, seen, NGINX).findings).toMatchObject([{ id: "proxy.upstream.gateway" }]);
  });
});

cases(upstreamPort, {
  good: {
    "the table of the container can't be read": { sockets: "" },
    "it listens on more": { sockets: "of skriptoteket-web\n00000000:1F40\n00000000:1F90\n" },
  },
  bad: {
    "the proxy has another port": {
      seen: { proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 172.18.0.3:9000") },
      on: WEB,
      says: "port 9000 of skriptoteket-web, which listens on 8000",
    },
    "the app listens elsewhere": {
      seen: { sockets: "of skriptoteket-web\n0B00007F:A891\n00000000000000000000000000000000:0BB8\n" },
      on: WEB,
      says: "listens on 3000",
    },
  },
  unmeasurable: { "the engine refuses": { sockets: REFUSED } },
});

cases(upstreamLoopback, {
  good: { "on both": { sockets: "of skriptoteket-web\n0100007F:1F40\n00000000:1F40\n" } },
  bad: {
    "on 127.0.0.1": { seen: { sockets: "of skriptoteket-web\n0100007F:1F40\n" }, on: WEB, says: "127.0.0.1:8000" },
    "on ::1": {
      seen: { sockets: `of skriptoteket-web\n${"0".repeat(24)}01000000:1F40\n` },
      on: WEB,
      says: "127.0.0.1 alone",
    },
  },
  unmeasurable: { "the engine refuses": { sockets: REFUSED } },
});

cases(upstreamSilent, {
  good: {
    "just started": {
      sockets: "of skriptoteket-web\n0B00007F:A891\n",
      containers: container("skriptoteket-web", () => ({ startedAt: "2026-11-20T13:53:35Z" })),
    },
  },
  bad: {
    "nothing listens": {
      seen: {
        sockets: "of skriptoteket-web\n0B00007F:A891\n",
        containers: container("skriptoteket-web", () => ({ startedAt: "2026-11-20T13:00:00Z" })),
      },
      on: WEB,
      says: "nothing listens in skriptoteket-web",
    },
  },
  unmeasurable: { "the engine refuses": { sockets: REFUSED } },
});

cases(upstreamSlow, {
  good: { "slow, and there": answered({ app: asked({ status: 200, ms: 4000 }) }) },
  bad: {
    "no answer": {
      seen: answered({ app: asked({ error: "no answer within 5 s", kind: "late" }) }),
      on: WEB,
      says: "no answer within 5 s",
    },
  },
  unmeasurable: { "the proxy can't be asked": { proxies: REFUSED } },
});

cases(upstreamError, {
  good: { "not found is no error of the way": answered({ app: asked({ status: 404 }) }) },
  bad: { "500": { seen: answered({ app: asked({ status: 500 }) }), on: WEB, says: "itself answers 500" } },
  unmeasurable: { "the proxy can't be asked": { proxies: REFUSED } },
});

cases(upstreamGateway, {
  good: {
    "the app itself says 503": answered({ app: asked({ status: 503 }), proxy: asked({ status: 503 }) }),
    "its header is too big, which has a check of its own": {
      ...answered({ proxy: asked({ status: 502 }) }),
      proxies: logged('upstream sent too big header while reading, host: "skriptoteket.example"'),
    },
  },
  bad: {
    "502 though the app answers": {
      seen: answered({ proxy: asked({ to: "172.18.0.4:80", status: 502 }) }),
      on: WEB,
      says: /nginx-proxy says 502[\s\S]*skriptoteket-web answers: GET \S+ at \S+ → 200 in \d+ ms$/m,
    },
    "502 though the app answers, if not as the proxy asks it": {
      seen: answered({ app: asked({ status: 404 }), proxy: asked({ to: "172.18.0.4:80", status: 502 }) }),
      on: WEB,
      says: "→ 404 in 3 ms; the proxy may ask it for another path",
    },
    "502, and the header of another site is too big": {
      seen: {
        ...answered({ proxy: asked({ status: 502 }) }),
        proxies: logged('upstream sent too big header while reading, host: "other.example"'),
      },
      on: WEB,
      says: "nginx-proxy says 502",
    },
    "the proxy itself takes no connection": {
      seen: answered({ proxy: { to: "172.18.0.4:80", path: "/health", ms: 1, error: "connect ECONNREFUSED", kind: "refused" } }),
      on: WEB,
      says: "but nginx-proxy doesn't for skriptoteket.example",
    },
    "neither can connect": {
      seen: answered({ app: asked({ error: "Connection refused", kind: "refused" }), proxy: asked({ status: 502 }) }),
      on: WEB,
      says: "Connection refused",
    },
  },
  unmeasurable: { "the proxy can't be asked": { proxies: REFUSED } },
});

const FAILED =
  '2026/11/20 13:50:00 [error] 30#30: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.9, host: "skriptoteket.example"';
cases(upstreamLately, {
  good: { "before it last loaded its configuration": { proxies: logged(FAILED, "[notice] 1#1: reconfiguring") } },
  bad: {
    "since then": {
      seen: { proxies: logged("[notice] 1#1: reconfiguring", FAILED) },
      on: PROXY,
      says: "could not pass 1 request on",
    },
  },
  unmeasurable: { "the proxy can't be asked": { proxies: REFUSED } },
});

const REFUSES = (said: string) => (recorded: string) => recorded.replace(/^exit 0$/m, `${said}\nexit 1`);
cases(proxyConfig, {
  good: {
    "its app is stopped, and so its name unknown": {
      proxies: REFUSES('nginx: [emerg] host not found in upstream "skriptoteket-web" in /etc/nginx/conf.d/a.conf:9'),
      containers: container("skriptoteket-web", () => ({ state: "exited" })),
    },
  },
  bad: {
    "a mistake in a file": {
      seen: { proxies: REFUSES('nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/a.conf:7') },
      on: PROXY,
      says: "a.conf:7",
    },
    "a name that nobody has": {
      seen: { proxies: REFUSES('nginx: [emerg] host not found in upstream "gone" in /etc/nginx/conf.d/a.conf:9') },
      on: PROXY,
      says: "it finds no gone",
    },
  },
  unmeasurable: { "the engine refuses": { proxies: REFUSED } },
});

describe(trustForwarded.id, () => {
  const trusting = (...env: readonly string[]) =>
    judged(trustForwarded, { containers: container("nginx-proxy", () => ({ env })) });

  test("is advice, given where nothing else is said", () => {
    expect(trusting().findings).toMatchObject([{ id: "proxy.trust-forwarded", subject: PROXY, severity: "warning" }]);
    expect(trustForwarded.hardening).toBe(true);
  });

  test("is silent where it is switched off, and unknown where the engine refuses", () => {
    expect(trusting("TRUST_DOWNSTREAM_PROXY=false").findings).toEqual([]);
    expect(judged(trustForwarded, unasked)).toMatchObject({ findings: [], unknown: [{ id: "proxy.trust-forwarded" }] });
  });
});
