import { describe, expect, test } from "vitest";
import { type Changes, cases, container, judged, YAML } from "../../testing.ts";
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

cases(nameStale, {
  good: {
    "the app is still starting": {
      containers: container("skriptoteket-web", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } })),
      proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 172.18.0.9:8000"),
    },
  },
  bad: {
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
  const log = (address: string) => (recorded: string) =>
    `${recorded}2026-11-20T13:50:00Z connect() failed (111: Connection refused), upstream: "http://${address}:8000/health", host: "x"\n`;

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

  test("isn't blamed where nginx asked the right one", () => {
    const seen = { ...answered({ proxy: { ...silent, status: 502 } }), proxies: log("172.18.0.3") };
    expect(judged(nameStale, seen, NGINX).findings).toEqual([]);
    expect(judged(upstreamGateway, seen, NGINX).findings).toMatchObject([{ id: "proxy.upstream.gateway" }]);
  });
});

cases(upstreamPort, {
  good: {
    "the table of the container can't be read": { sockets: "" },
    "it listens on more": { sockets: "of /skriptoteket-web\n00000000:1F40\n00000000:1F90\n" },
  },
  bad: {
    "the proxy has another port": {
      seen: { proxies: (recorded) => recorded.replace("server 172.18.0.3:8000", "server 172.18.0.3:9000") },
      on: WEB,
      says: "port 9000 of skriptoteket-web, which listens on 8000",
    },
    "the app listens elsewhere": {
      seen: { sockets: "of /skriptoteket-web\n0B00007F:A891\n00000000000000000000000000000000:0BB8\n" },
      on: WEB,
      says: "listens on 3000",
    },
  },
  unmeasurable: { "the engine refuses": { sockets: REFUSED } },
});

cases(upstreamLoopback, {
  good: { "on both": { sockets: "of /skriptoteket-web\n0100007F:1F40\n00000000:1F40\n" } },
  bad: {
    "on 127.0.0.1": { seen: { sockets: "of /skriptoteket-web\n0100007F:1F40\n" }, on: WEB, says: "127.0.0.1:8000" },
    "on ::1": {
      seen: { sockets: `of /skriptoteket-web\n${"0".repeat(24)}01000000:1F40\n` },
      on: WEB,
      says: "127.0.0.1 alone",
    },
  },
  unmeasurable: { "the engine refuses": { sockets: REFUSED } },
});

cases(upstreamSilent, {
  good: {
    "just started": {
      sockets: "of /skriptoteket-web\n0B00007F:A891\n",
      containers: container("skriptoteket-web", () => ({ startedAt: "2026-11-20T13:53:35Z" })),
    },
  },
  bad: {
    "nothing listens": {
      seen: {
        sockets: "of /skriptoteket-web\n0B00007F:A891\n",
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
  good: { "the app itself says 503": answered({ app: asked({ status: 503 }), proxy: asked({ status: 503 }) }) },
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

// The healthy host of Traefik: the same containers, with labels.
const TRAEFIK = YAML.replace("kind: nginx-proxy", "kind: traefik");
const RULE = { "traefik.enable": "true", "traefik.http.routers.web.rule": "Host(`skriptoteket.example`)" };
const labelled =
  (more: Readonly<Record<string, string>>, networks?: object) =>
  (recorded: string): string =>
    container("skriptoteket-web", (raw) => ({
      labels: { ...(raw["labels"] as object), ...RULE, ...more },
      ...(networks ? { networks } : {}),
    }))(recorded);
const arguments_ = (version: string, engine: string, ...log: readonly string[]) =>
  `@@ engine ${engine}\n@@ edge state running\n@@ edge version\n${version}\n@@ edge configuration\n--providers.docker=true\n\n@@ edge said\nexit 0\n@@ edge log\n${log.map((line) => `2026-11-20T13:50:00Z ${line}\n`).join("")}`;

cases(proxyVersion, {
  yaml: TRAEFIK,
  good: {
    "new enough": { proxies: arguments_("3.6.1", "29.0.1") },
    "old, on an old Docker": { proxies: arguments_("3.1.2", "26.1.5") },
  },
  bad: {
    "too old": {
      seen: { proxies: arguments_("3.5.9", "29.0.1") },
      on: PROXY,
      says: "Traefik 3.5.9 is too old for Docker 29.0.1",
    },
    "it says so itself": {
      seen: {
        proxies: arguments_(
          "",
          "29.1.0",
          "ERR Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44",
        ),
      },
      on: PROXY,
      says: "client version 1.24 is too old",
    },
  },
  unmeasurable: { "the engine refuses": { proxies: REFUSED } },
});

const TWO = { ...network("edge-network", "172.18.0.3"), ...network("other", "172.19.0.3") };
cases(networkChoice, {
  yaml: TRAEFIK,
  good: { "a label names one": { containers: labelled({ "traefik.docker.network": "edge-network" }, TWO) } },
  bad: { "none does": { seen: { containers: labelled({}, TWO) }, on: WEB, says: "from other nothing answers" } },
  unmeasurable: { "the engine refuses": { proxies: REFUSED, containers: labelled({}, TWO) } },
});

describe(routerConflict.id, () => {
  const both = (other: Readonly<Record<string, string>>): Changes => ({
    containers: (recorded) => container("shared-postgres", () => ({ labels: { ...RULE, ...other } }))(labelled({})(recorded)),
  });

  test("is found where two containers say different things of one router, and not where they agree", () => {
    const { findings } = judged(routerConflict, both({ "traefik.http.routers.web.rule": "Host(`old.example`)" }), TRAEFIK);
    expect(findings).toMatchObject([{ id: "proxy.router.conflict", subject: WEB }]);
    expect(findings[0]?.evidence.join("\n")).toContain("shared-postgres: rule=Host(`old.example`)");
    expect(judged(routerConflict, both({}), TRAEFIK).findings).toEqual([]);
  });

  test("is unknown where the engine refuses", () => {
    expect(judged(routerConflict, unasked, TRAEFIK)).toMatchObject({ findings: [], unknown: [{ id: "proxy.router.conflict" }] });
  });
});
