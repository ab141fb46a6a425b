import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../lab/ask.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const WEB = "hemma/skriptoteket/web";
const SITES = "~/infrastructure/nginx/conf.d";
const RELOAD = "docker exec nginx nginx -s reload 2>&1";
const HEALTHY =
  "for _ in $(seq 60); do [ \"$(docker inspect -f '{{.State.Health.Status}}' skriptoteket-web)\" = healthy ] && break; sleep 0.5; done";

/** A fault in the app's code: a line that is put in after another one, in the running container. */
function coded(file: string, after: string, line: string): Pick<Fault, "inject" | "undo"> {
  const again = `docker restart -t 1 skriptoteket-web >/dev/null && ${HEALTHY} && ${RELOAD}`;
  return {
    inject: () =>
      on(
        HOST,
        `docker exec -i -u 0 skriptoteket-web sh -c 'cat >/tmp/line; cp src/${file} /tmp/whole; sed -i "/${after}/r /tmp/line" src/${file}' && ${again}`,
        `${line}\n`,
      ),
    undo: () => on(HOST, `docker exec -u 0 skriptoteket-web cp /tmp/whole src/${file} && ${again}`),
  };
}

/** A fault in nginx's site, by a sed script; the file is as it was afterwards. */
function sited(script: string, before = ":"): Pick<Fault, "inject" | "undo"> {
  const file = `${SITES}/skriptoteket.conf`;
  return {
    inject: () => on(HOST, `${before} && cp ${file} /tmp/site && sed -i '${script}' ${file} && ${RELOAD}`),
    undo: () => on(HOST, `cat /tmp/site >${file} && ${RELOAD}`),
  };
}

/** A fault in the app's compose file, by a sed script. That it isn't what was released is told as well, and right. */
function composed(script: string): Pick<Fault, "inject" | "undo" | "besides"> {
  const up = `docker compose -f compose.prod.yaml up -d 2>&1 && ${RELOAD} && ${ANSWERS}`;
  return {
    inject: () => on(HOST, `cd ~/apps/skriptoteket && sed -i '${script}' compose.prod.yaml && ${up}`),
    undo: () => on(HOST, `cd ~/apps/skriptoteket && git checkout -q compose.prod.yaml && ${up}`),
    besides: ["tend.drift"],
  };
}

const ASK = "curl -s -o /dev/null -H 'Host: skriptoteket.example' http://127.0.0.1/version";
const ANSWERS = `for _ in $(seq 100); do ${ASK} -f && break; sleep 0.2; done`;
/** What lies between the proxy and its app, from the proxy's side. */
const rule = (change: "-I" | "-D") =>
  `nsenter --net --target "$(docker inspect -f '{{.State.Pid}}' nginx)" iptables ${change} OUTPUT -p tcp --dport 8000 -j REJECT --reject-with tcp-reset`;

const STARTED = "const started =";
const USERS = 'request.headers.host === "skriptoteket.example"';

describe("routes behind plain nginx", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  it("nothing is found, and every hop is shown", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "proxy,route");
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect([crashed, unknown]).toEqual([[], []]);
    const { exit, stdout } = await app.workshop.tend("route", "check", "skriptoteket.example");
    expect(exit, stdout).toBe(0);
    for (const hop of ["public", "proxy", "network", "container", "app"]) expect(stdout).toMatch(new RegExp(`✔  ${hop}\\b`));
    const listed = await app.workshop.tend("route", "list", "--json");
    expect(JSON.parse(listed.stdout).routes).toMatchObject([
      { domain: "skriptoteket.example", proxy: "nginx", service: "web", container: "skriptoteket-web", port: 8000 },
    ]);
  });

  const faults: readonly Fault[] = [
    {
      name: "nginx knows an address that the app hasn't any more",
      finds: "proxy.name.stale",
      on: WEB,
      inject: () =>
        on(
          HOST,
          `docker stop -t 1 skriptoteket-web && for n in 1 2 3 4; do docker run -d --name squatter$n --network edge-network busybox sleep 600; done; docker start skriptoteket-web && ${HEALTHY}`,
        ),
      undo: async () => {
        const shown = await app.workshop.tend("route", "check", "skriptoteket");
        const mended = await app.workshop.tend("doctor", "--fix", "--only", "proxy.name.stale");
        await on(HOST, "docker rm -f squatter1 squatter2 squatter3 squatter4");
        expect(shown.stdout, shown.stderr).toContain("the first hop that fails: proxy");
        expect(shown.exit).toBe(3);
        expect(mended.stdout, mended.stderr).toContain("proxy.name.stale is gone");
      },
    },
    {
      name: "a site of nginx's has a mistake, and nobody has reloaded yet",
      finds: "proxy.config",
      on: "hemma/nginx",
      inject: () => on(HOST, `echo 'server { proxy_pas http://x; }' >${SITES}/broken.conf`),
      undo: () => on(HOST, `rm ${SITES}/broken.conf`),
    },
    {
      // A port's only server is given every name, the wrong one, too: this one has another beside it.
      name: "server_name has a typo",
      finds: "route.unknown-host",
      on: WEB,
      ...sited("s/server_name .*/server_name skriptotek.example;/; $a server { listen 80 default_server; return 404; }"),
    },
    {
      name: "the site redirects to itself",
      finds: "route.loop",
      on: WEB,
      ...sited("s#location / {#& if ($request_method = GET) { return 301 http://$host$request_uri; }#"),
    },
    {
      name: "the site is served by TLS, and doesn't tell the app",
      finds: "route.forwarded-proto",
      on: WEB,
      ...sited(
        "/X-Forwarded-Proto/d; s#listen 80;#& listen 443 ssl; ssl_certificate /etc/nginx/conf.d/s.crt; ssl_certificate_key /etc/nginx/conf.d/s.key;#",
        `openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=skriptoteket.example -keyout ${SITES}/s.key -out ${SITES}/s.crt 2>/dev/null`,
      ),
    },
    {
      name: "WebSockets don't get through",
      finds: "route.websocket",
      on: WEB,
      ...coded(
        "http.ts",
        "server.keepAliveTimeout",
        'server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n"));',
      ),
    },
    {
      name: "the app redirects to where it listens",
      finds: "route.redirect",
      on: WEB,
      ...coded(
        "http.ts",
        STARTED,
        'if (request.url === "/health/") return void response.writeHead(307, { location: "http://0.0.0.0:8000/health" }).end();',
      ),
    },
    {
      name: "the page loads its style from where the app listens",
      finds: "route.internal-urls",
      on: WEB,
      ...coded("page.ts", "<title>", '<link rel="stylesheet" href="http://0.0.0.0:8000/app.css">'),
    },
    {
      name: "the app itself answers 500",
      finds: "proxy.upstream.error",
      on: WEB,
      ...coded("http.ts", STARTED, `if (${USERS}) return void response.writeHead(500).end();`),
    },
    {
      name: "the app's header is too big for nginx",
      finds: "route.header-size",
      on: WEB,
      ...coded("http.ts", STARTED, `if (${USERS}) response.setHeader("x-token", "x".repeat(12_000));`),
    },
    {
      name: "the app listens on 127.0.0.1 alone",
      finds: "proxy.upstream.loopback",
      on: WEB,
      ...coded("main.ts", "const config = readConfig", '  Object.assign(config, { host: "127.0.0.1" });'),
    },
    {
      name: "a firewall is between the proxy and its app",
      finds: "proxy.upstream.gateway",
      on: WEB,
      inject: () => on(HOST, rule("-I")),
      undo: () => on(HOST, `${rule("-D")} && ${RELOAD}`),
    },
    {
      name: "a request came while the app didn't listen",
      finds: "proxy.upstream.lately",
      on: "hemma/nginx",
      severity: "info",
      inject: () => on(HOST, `${rule("-I")} && ${ASK}; ${rule("-D")}`),
      undo: () => on(HOST, RELOAD),
    },
    {
      name: "a page took longer than nginx waits",
      finds: "route.timeout",
      on: WEB,
      inject: () =>
        sited("s#location / {#& proxy_read_timeout 300ms;#")
          .inject()
          .then(() => on(HOST, `docker kill -s STOP skriptoteket-web && ${ASK}; docker kill -s CONT skriptoteket-web`)),
      undo: sited("").undo,
    },
    {
      name: "the service that gets requests has no health check",
      finds: "ctr.health.none",
      on: WEB,
      severity: "info",
      ...composed("s/test: .*/disable: true/"),
    },
    {
      name: "the app runs as root",
      finds: "ctr.root",
      on: WEB,
      severity: "info",
      hardening: true,
      ...composed("s/^    build: \\.$/&\\n    user: root/"),
    },
  ];
  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);

  it("a new one is shown first, then a file that nginx has checked and loaded", async () => {
    const command = ["route", "add", "skriptoteket", "web", "new.example", "--port", "8000"];
    const shown = await app.workshop.tend(...command, "--dry-run");
    expect(shown.exit, shown.stderr).toBe(0);
    expect(shown.stdout).toContain("new.example.conf");
    expect(await on(HOST, `ls ${SITES}`)).not.toContain("new.example");
    const added = await app.workshop.tend(...command);
    expect(added.exit, added.stdout + added.stderr).toBe(0);
    expect(added.stdout).toMatch(/DNS: new\.example has no address yet/);
    expect(await version({ address: app.address, domain: "new.example", path: "/version" })).toBe("1");
    expect((await app.workshop.tend(...command)).stdout).toContain("is as it should be");
    await on(HOST, `rm ${SITES}/new.example.conf && ${RELOAD}`);
  }, 60_000);

  it("a new one that nginx refuses is taken away again", async () => {
    await on(HOST, `echo 'server { listen 80; server_name new2.example; proxy_pas x; }' >${SITES}/other.conf`);
    const added = await app.workshop.tend("route", "add", "skriptoteket", "web", "new.example", "--port", "8000");
    expect(added.exit).not.toBe(0);
    expect(added.stdout + added.stderr).toContain("proxy_pas");
    expect(await on(HOST, `ls ${SITES}`)).not.toContain("new.example");
    await on(HOST, `rm ${SITES}/other.conf`);
    expect(await app.version()).not.toContain("502");
  }, 60_000);

  describe("and behind Caddy", () => {
    beforeAll(async () => {
      await on(
        HOST,
        "cd ~/infrastructure && docker compose -f compose.nginx.yaml rm -fs nginx 2>&1 && docker compose -f compose.caddy.yaml up -d 2>&1",
      );
      await app.workshop.declareSkriptoteket(app.address, "caddy", ["hemma"]);
      await answers(app, "1");
    }, 60_000);

    it("nothing is found", async () => {
      const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "proxy,route");
      expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
      expect([crashed, unknown]).toEqual([[], []]);
    });

    // The file is mounted by itself: it is written in place, so that Caddy sees it.
    const caddy = (script: string, reload: boolean): Pick<Fault, "inject" | "undo"> => {
      const [file, load] = [
        "~/infrastructure/Caddyfile",
        reload ? "docker exec caddy caddy reload --config /etc/caddy/Caddyfile 2>&1" : ":",
      ];
      return {
        inject: () => on(HOST, `cp ${file} /tmp/caddyfile && sed '${script}' /tmp/caddyfile >${file} && ${load}`),
        undo: () => on(HOST, `cat /tmp/caddyfile >${file} && ${load}`),
      };
    };
    const caddys: readonly Fault[] = [
      { name: "its port is wrong", finds: "proxy.upstream.port", on: WEB, ...caddy("s/web:8000/web:9000/", true) },
      { name: "it has another site", finds: "route.unknown-host", on: WEB, ...caddy("s#^:80#http://other.example#", true) },
      {
        name: "its Caddyfile has a mistake",
        finds: "proxy.config",
        on: "hemma/caddy",
        ...caddy("s/reverse_proxy/reverse_prox/", false),
      },
    ];
    it.each(caddys)("$name", (fault) => walksInto(app.workshop, fault), 60_000);
  });
});
