import { type Changes, cases, container, YAML } from "../../testing.ts";
import { basicAuth, forwardedProto, routeWebsocket } from "./headers.ts";
import { bodySize, headerSize, routeTimeout } from "./limits.ts";
import { internalUrls, routeRedirect } from "./pages.ts";
import { routeHairpin, routeLoop, routePublic, unknownHost } from "./way.ts";

const WEB = "hemma/skriptoteket/web";
const REFUSED = { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" };
const unasked = { proxies: REFUSED } satisfies Changes;
const SECURE = YAML.replace(/url: "http:[^"]*"/, 'url: "https://10.0.0.5"');
const OPEN = YAML.replace(/url: "http:[^"]*", /, "");
const TRAEFIK = YAML.replace("kind: nginx-proxy", "kind: traefik");

const asked = (more: object) => ({ to: "172.18.0.3:8000", path: "/health", ms: 3, ...more });
const answered = (more: object): Changes => ({
  hops: {
    value: {
      "skriptoteket/web": {
        public: [asked({ to: "10.0.0.5:80", status: 200 })],
        proxy: asked({ to: "172.18.0.4:80", status: 200 }),
        app: asked({ status: 200 }),
        pages: [asked({ status: 200, loads: [] })],
        ...more,
      },
    },
  },
});
const page = (...loads: readonly string[]) => answered({ pages: [asked({ status: 200, loads })] });
const redirect = (location: string) => answered({ pages: [asked({ path: "/health/", status: 307, location })] });
const logged =
  (...lines: readonly string[]) =>
  (recorded: string) =>
    `${recorded}${lines.map((line) => `2026-11-20T13:50:00.000000000Z ${line}\n`).join("")}`;
const RELOADED = "[notice] 1#1: signal 1 (SIGHUP) received from 40, reconfiguring";
const HOST = 'server: skriptoteket.example, request: "POST /upload HTTP/1.1", host: "skriptoteket.example"';

cases(unknownHost, {
  good: {
    "a default server that passes everything on": {
      proxies: (recorded) =>
        recorded
          .replaceAll("skriptoteket.example", "localhost")
          .replace("listen 80;", "listen 80 default_server;")
          .replace("listen 80 default_server;", "listen 81;"),
    },
    "a pattern may be it": {
      proxies: (recorded) => recorded.replace("server_name skriptoteket.example", "server_name ~^skript.*\\.example$"),
    },
    "the proxy would refuse its files: what it runs with isn't known": {
      proxies: (recorded) => recorded.replace(/^exit 0$/m, "exit 1").replaceAll("skriptoteket.example", "other.example"),
    },
  },
  bad: {
    "a typo": {
      seen: { proxies: (recorded) => recorded.replaceAll("skriptoteket.example", "skriptotek.example") },
      on: WEB,
      says: "it routes skriptotek.example",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

cases(routeLoop, {
  good: {
    "one redirect, and there": answered({
      public: [asked({ status: 301, location: "https://skriptoteket.example/health" }), asked({ status: 200 })],
    }),
  },
  bad: {
    "in a circle": {
      seen: answered({
        public: [1, 2, 3].map(() =>
          asked({ status: 301, location: "https://skriptoteket.example/health", server: "cloudflare" }),
        ),
      }),
      on: WEB,
      says: "server: cloudflare",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

const NOBODY = { to: "203.0.113.7:443", path: "/health", ms: 5000, error: "no answer within 5 s", kind: "late" };
cases(routeHairpin, {
  yaml: OPEN,
  good: { "its name isn't in DNS: another check's": answered({ public: [{ ...NOBODY, kind: "name" }] }) },
  bad: { "from here only": { seen: answered({ public: [NOBODY] }), on: WEB, says: "hairpin" } },
  unmeasurable: { "the engine refuses": unasked },
});

cases(routePublic, {
  good: { "a certificate is another check's": answered({ public: [{ ...NOBODY, kind: "tls" }] }) },
  bad: {
    "a port that isn't open": {
      seen: answered({ public: [{ ...NOBODY, to: "10.0.0.5:80", error: "connect ECONNREFUSED", kind: "refused" }] }),
      on: WEB,
      says: "ECONNREFUSED",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

cases(routeRedirect, {
  yaml: SECURE,
  good: {
    "to https": redirect("https://skriptoteket.example/health"),
    "to a path": redirect("/health"),
    elsewhere: redirect("http://login.example/"),
    "to a name that only begins like an inner one": redirect("https://localhost.example/"),
    "to a public name that is an alias, too": {
      ...redirect("https://www.skriptoteket.example/"),
      containers: container("skriptoteket-web", () => ({
        networks: { "edge-network": { IPAddress: "172.18.0.3", Aliases: ["web", "www.skriptoteket.example"] } },
      })),
    },
  },
  bad: {
    "to http": { seen: redirect("http://skriptoteket.example/health"), on: WEB, says: "browsers leave https" },
    "to its address": { seen: redirect("http://172.18.0.3:8000/health"), on: WEB, says: "nobody outside of the host" },
    "to ::1": { seen: redirect("http://[::1]:8000/health"), on: WEB, says: "nobody outside of the host" },
    "to the container": { seen: redirect("http://skriptoteket-web:8000/health"), on: WEB, says: "nobody outside of the host" },
  },
  unmeasurable: { "the engine refuses": { containers: REFUSED, ...redirect("http://skriptoteket-web:8000/") } },
});

cases(internalUrls, {
  yaml: SECURE,
  good: { "of others, and its own": page("https://skriptoteket.example/app.css", "http://fonts.example/a.woff") },
  bad: {
    "by http": { seen: page("http://skriptoteket.example/static/app.css"), on: WEB, says: "refuse to load" },
    "from where it listens": { seen: page("http://0.0.0.0:8000/static/app.css"), on: WEB, says: "http://0.0.0.0:8000" },
  },
  unmeasurable: { "the engine refuses": { containers: REFUSED, ...page("http://skriptoteket-web:8000/app.css") } },
});

cases(forwardedProto, {
  yaml: SECURE,
  good: {
    "another header of the site is missing": { proxies: (recorded) => recorded.replace(/^proxy_set_header X-Real-IP.*$/m, "") },
  },
  bad: {
    "it isn't sent": {
      seen: { proxies: (recorded) => recorded.replace(/^proxy_set_header X-Forwarded-Proto.*$/m, "") },
      on: WEB,
      says: "no X-Forwarded-Proto",
    },
    "a header in the location replaces those around it": {
      seen: {
        proxies: (recorded) => recorded.replace("proxy_pass http://skr", "proxy_set_header Host $host; proxy_pass http://skr"),
      },
      on: WEB,
      says: "no X-Forwarded-Proto",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

cases(routeWebsocket, {
  good: {
    "the app has none": answered({ socket: { app: asked({ status: 200 }) } }),
    "they get through": answered({ socket: { app: asked({ status: 101 }), proxy: asked({ status: 101 }) } }),
  },
  bad: {
    "they don't": {
      seen: answered({ socket: { app: asked({ path: "/live", status: 101 }), proxy: asked({ path: "/live", status: 426 }) } }),
      on: WEB,
      says: "users get 426",
    },
  },
  unmeasurable: "where the hops could not be asked, gather says so of the part; there is no answer of a host to change",
});

const login = (users: string) => ({
  containers: container("skriptoteket-web", (raw) => ({
    labels: {
      ...(raw["labels"] as object),
      "traefik.enable": "true",
      "traefik.http.routers.web.rule": "Host(`skriptoteket.example`)",
      "traefik.http.routers.web.middlewares": "door",
      "traefik.http.middlewares.door.basicauth.users": users,
    },
  })),
});
cases(basicAuth, {
  yaml: TRAEFIK,
  good: { "a whole hash": login("anna:$apr1$x$y"), bcrypt: login("anna:$2y$05$x") },
  bad: { "the dollars are gone": { seen: login("anna:/x/y"), on: WEB, says: "cut short" } },
  unmeasurable: { "the engine refuses": unasked },
});

const LARGE = `2026/11/20 13:50:00 [error] 31#31: *7 client intended to send too large body: 5242880 bytes, client: 10.0.0.9, ${HOST}`;
cases(bodySize, {
  good: { "before it last loaded its configuration": { proxies: logged(LARGE, RELOADED) } },
  bad: { refused: { seen: { proxies: logged(RELOADED, LARGE) }, on: WEB, says: "of 6 MB" } },
  unmeasurable: { "the engine refuses": unasked },
});

const BIG = `2026/11/20 13:50:00 [error] 31#31: *7 upstream sent too big header while reading response header from upstream, client: 10.0.0.9, ${HOST}`;
cases(headerSize, {
  good: { "of another site": { proxies: logged(BIG.replaceAll("skriptoteket.example", "other.example")) } },
  bad: {
    "too big": { seen: { proxies: logged(BIG) }, on: WEB, says: "too big once" },
    "of the domain with a port": {
      seen: { proxies: logged(BIG.replace('host: "skriptoteket.example"', 'host: "Skriptoteket.example:8080"')) },
      on: WEB,
      says: "too big once",
    },
  },
  unmeasurable: { "the engine refuses": unasked },
});

const LATE = `2026/11/20 13:50:00 [error] 31#31: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, ${HOST}`;
cases(routeTimeout, {
  good: { "before it last loaded its configuration": { proxies: logged(LATE, RELOADED) } },
  bad: { "too late": { seen: { proxies: logged(LATE, LATE) }, on: WEB, says: "too late 2 times" } },
  unmeasurable: { "the engine refuses": unasked },
});
