import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on, run } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const WEB = "hemma/skriptoteket/web";
const COMPOSE = "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml";
const GENERATE =
  "docker exec nginx-proxy sh -c 'docker-gen /app/nginx.tmpl /etc/nginx/conf.d/default.conf && nginx -s reload' >/dev/null 2>&1";

/** A fault that is a line of the compose file; the file and the container are as they were afterwards. */
function written(line: string, instead: string): Pick<Fault, "inject" | "undo"> {
  const up = `${COMPOSE} up -d --wait 2>&1`;
  return {
    inject: () => on(HOST, `cd ~/apps/skriptoteket && sed -i 's/${line}/${instead}/' compose.prod.yaml && ${up}`),
    undo: () => on(HOST, `cd ~/apps/skriptoteket && git checkout -q compose.prod.yaml && ${up}`),
  };
}

/** An address of the documentation's, which the router has; to the machine that tend runs on it is shut. */
const PUBLIC = "203.0.113.77";
async function here(change: "-I" | "-D"): Promise<void> {
  const rule = ["OUTPUT", "-d", PUBLIC, "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"];
  expect((await run(["iptables", change, ...rule])).exit).toBe(0);
}

/** An app whose own server isn't the container's first process: it can be away while the container runs. It is up before it is declared. */
const LATE = {
  services: {
    web: {
      image: "alpine:3.20",
      container_name: "late",
      command: ["sleep", "infinity"],
      init: true,
      restart: "unless-stopped",
      mem_limit: "64m",
      logging: { driver: "local" },
      environment: { VIRTUAL_HOST: "late.example", VIRTUAL_PORT: "8000" },
      expose: ["8000"],
      networks: ["edge-network"],
    },
  },
  networks: { "edge-network": { external: true } },
};
const LATE_DECLARED = `  late:
    host: hemma
    path: /srv/late
    services:
      web: { route: { domain: late.example, proxy: edge, port: 8000 } }
`;

describe("doctor, behind nginx-proxy", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    await on(HOST, "mkdir -p /srv/late && cd /srv/late && cat >compose.yaml && docker compose up -d 2>&1", JSON.stringify(LATE));
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  const declared = () => app.workshop.declareSkriptoteket(app.address, "nginx-proxy", ["hemma"]);

  const faults: readonly Fault[] = [
    {
      name: "the app is off the proxy's network",
      finds: "proxy.network",
      on: WEB,
      inject: () => on(HOST, "docker network disconnect edge-network skriptoteket-web"),
      undo: () => on(HOST, `docker network connect --alias web edge-network skriptoteket-web && ${GENERATE}`),
    },
    {
      name: "nginx-proxy hasn't heard that the app was connected to its network",
      finds: "proxy.name.stale",
      on: WEB,
      inject: () =>
        on(
          HOST,
          `docker network disconnect edge-network skriptoteket-web && ${GENERATE} && docker network connect --alias web edge-network skriptoteket-web`,
        ),
      undo: async () => {
        const mended = await app.workshop.tend("doctor", "--fix", "--only", "proxy,route");
        expect(mended.stdout, mended.stderr).toContain("proxy.name.stale is gone");
      },
    },
    {
      name: "VIRTUAL_PORT is not the port that the app listens on",
      finds: "proxy.upstream.port",
      on: WEB,
      ...written('VIRTUAL_PORT: "8000"', 'VIRTUAL_PORT: "9000"'),
    },
    {
      name: "VIRTUAL_HOST has a typo",
      finds: "route.unknown-host",
      on: WEB,
      ...written("VIRTUAL_HOST: skriptoteket.example", "VIRTUAL_HOST: skriptotek.example"),
    },
    {
      name: "the app takes connections and doesn't answer",
      finds: "proxy.upstream.slow",
      on: WEB,
      inject: () => on(HOST, "docker kill --signal STOP skriptoteket-web"),
      undo: () => on(HOST, "docker kill --signal CONT skriptoteket-web"),
      within: 60,
    },
    {
      name: "the proxy has ended",
      finds: "proxy.down",
      on: "hemma/nginx-proxy",
      inject: () => on(HOST, "docker kill nginx-proxy"),
      undo: () => on(HOST, "docker start nginx-proxy"),
    },
    {
      name: "the proxy's generated configuration was broken by hand",
      finds: "proxy.config",
      on: "hemma/nginx-proxy",
      inject: () => on(HOST, "docker exec nginx-proxy sh -c 'echo \"proxy_pas here;\" >>/etc/nginx/conf.d/default.conf'"),
      undo: () => on(HOST, GENERATE),
    },
    {
      name: "an upload was too large for the proxy",
      finds: "route.body-size",
      on: WEB,
      inject: () => upload(app.address, 3_000_000),
      undo: () => on(HOST, "docker exec nginx-proxy nginx -s reload 2>&1"),
    },
    {
      name: "the firewall lets nobody in",
      finds: "route.public",
      on: WEB,
      inject: () => on(HOST, "iptables -I DOCKER-USER -i eth+ -p tcp --dport 80 -j REJECT --reject-with tcp-reset"),
      undo: () => on(HOST, "iptables -D DOCKER-USER -i eth+ -p tcp --dport 80 -j REJECT --reject-with tcp-reset"),
    },
    {
      name: "the router doesn't lead its own public address back in",
      finds: "route.hairpin",
      standIn: "a firewall on the user's machine, in the router's place",
      on: WEB,
      inject: async () => {
        await app.workshop.names([`${PUBLIC} skriptoteket.example`]);
        await here("-I");
        await app.workshop.edit("tend.yaml", (yaml) => yaml.replace(/, url: "[^"]+"/, ""));
      },
      undo: async () => {
        await here("-D");
        await app.workshop.names([]);
        await declared();
      },
    },
    {
      name: "nginx-proxy believes what its clients say of themselves, as its image has it",
      finds: "proxy.trust-forwarded",
      on: "hemma/nginx-proxy",
      hardening: true,
      inject: () => Promise.resolve(),
      undo: () =>
        on(
          HOST,
          `cd ~/infrastructure && sed -i 's/^    container_name: nginx-proxy$/&\\n    environment: { TRUST_DOWNSTREAM_PROXY: "false" }/' compose.yaml && docker compose up -d 2>&1`,
        ),
    },
  ];

  it("finds nothing above information", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "proxy,route");
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect([crashed, unknown]).toEqual([[], []]);
  });

  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);

  it("the app's server has ended in a container that runs on", async () => {
    await walksInto(app.workshop, {
      name: "the app's server has ended in a container that runs on",
      finds: "proxy.upstream.silent",
      on: "hemma/late/web",
      inject: () => app.workshop.edit("tend.yaml", (yaml) => yaml.replace(/^apps:$/m, `apps:\n${LATE_DECLARED}`)),
      undo: () => on(HOST, "docker exec -d late httpd -f -p 8000 -h /etc"),
    });
    await declared();
  }, 180_000);
});

/** A body that nginx refuses by its length alone. */
function upload(host: string, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: "skriptoteket.example", "content-length": String(length) };
    const asked = request({ host, method: "POST", path: "/upload", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    asked.on("error", reject);
    asked.write("x");
  });
}
