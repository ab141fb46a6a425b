import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
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

describe("doctor, behind nginx-proxy", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

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
  ];

  it("finds nothing above information", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "proxy,route");
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect([crashed, unknown]).toEqual([[], []]);
  });

  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);
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
