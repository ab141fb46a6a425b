import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const WEB = "hemma/skriptoteket/web";

/** The compose file as an overlay has it: what is written there is put over the service `web`. */
const up = (web: string) =>
  on(
    HOST,
    `cd ~/apps/skriptoteket && printf '%s\n' '${JSON.stringify({ services: { web: JSON.parse(web) as unknown } })}' >/tmp/overlay.json &&
docker compose -f compose.prod.yaml -f /tmp/overlay.json up -d --force-recreate 2>&1 || true`,
  );
const as = () =>
  on(
    HOST,
    "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --force-recreate --wait 2>&1; rm -f /tmp/overlay.json",
  );
const withOverlay = (web: object) => ({ inject: () => up(JSON.stringify(web)), undo: as });

/** A container that is not as its file says is drifted, too; that is a warning, and right. */
describe("doctor, on a host where the app runs as it should", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  const nothing = async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    // The lab's hosts have no package lists.
    expect([crashed, unknown.filter(({ id }) => id !== "host.updates.security")]).toEqual([[], []]);
  };

  it("finds nothing above information", nothing);

  it.each([
    {
      name: "the app is unhealthy: it answers no more",
      finds: "ctr.unhealthy",
      on: WEB,
      inject: () => on(HOST, "docker kill --signal STOP skriptoteket-web"),
      undo: () => on(HOST, "docker kill --signal CONT skriptoteket-web"),
      within: 60,
    },
    {
      name: "somebody killed the app: it stays down",
      finds: "ctr.killed",
      on: WEB,
      inject: () => on(HOST, "docker kill skriptoteket-web"),
      undo: () => on(HOST, "docker start skriptoteket-web"),
    },
    {
      name: "somebody stopped the app",
      finds: "compose.service.missing",
      on: WEB,
      inject: () => on(HOST, "docker stop skriptoteket-web"),
      undo: () => on(HOST, "docker start skriptoteket-web"),
      within: 60,
    },
    {
      name: "somebody paused the app",
      finds: "compose.service.missing",
      on: WEB,
      inject: () => on(HOST, "docker pause skriptoteket-web"),
      undo: () => on(HOST, "docker unpause skriptoteket-web"),
    },
    {
      name: "the app was taken down",
      finds: "compose.service.missing",
      on: "hemma/skriptoteket",
      inject: () => on(HOST, "cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml down 2>&1"),
      undo: as,
    },
    {
      name: "the app ends at once, over and over",
      finds: "ctr.restart.loop",
      on: WEB,
      ...withOverlay({ environment: { FAIL_START: "relation sandbox_snapshots does not exist" } }),
    },
    {
      name: "the app needs more memory than it may have",
      finds: "ctr.oom",
      on: WEB,
      ...withOverlay({
        mem_limit: "48m",
        memswap_limit: "48m",
        command: ["node", "-e", "const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))"],
      }),
    },
    {
      name: "the command isn't in the image",
      finds: "ctr.command",
      on: WEB,
      ...withOverlay({ entrypoint: ["pdm", "run", "serve"] }),
    },
    {
      name: "the entrypoint was saved with Windows line ends",
      finds: "ctr.command",
      on: WEB,
      inject: async () => {
        await on(HOST, "printf '#!/bin/sh\\r\\nexec node src/main.ts\\r\\n' >/srv/start.sh && chmod +x /srv/start.sh");
        await up(JSON.stringify({ entrypoint: ["/start.sh"], volumes: ["/srv/start.sh:/start.sh:ro"] }));
      },
      undo: as,
    },
    {
      name: "the entrypoint may not be executed",
      finds: "ctr.command",
      on: WEB,
      inject: async () => {
        await on(HOST, "printf '#!/bin/sh\\nexec node src/main.ts\\n' >/srv/plain.sh && chmod 644 /srv/plain.sh");
        await up(JSON.stringify({ entrypoint: ["/plain.sh"], volumes: ["/srv/plain.sh:/plain.sh:ro"] }));
      },
      undo: as,
    },
    {
      name: "the program is for another kind of processor",
      finds: "ctr.exec.format",
      on: WEB,
      inject: async () => {
        await on(
          HOST,
          "printf '\\177ELF\\002\\001\\001' >/srv/alien && head -c 200 /dev/zero >>/srv/alien && chmod +x /srv/alien",
        );
        await up(JSON.stringify({ entrypoint: ["/alien"], volumes: ["/srv/alien:/alien:ro"] }));
      },
      undo: as,
    },
    {
      name: "its port is taken by another container",
      finds: "ctr.port.busy",
      on: WEB,
      ...withOverlay({ ports: ["80:8000"] }),
    },
    {
      name: "the health check wants a tool that the image lacks",
      finds: "ctr.health.tool",
      on: WEB,
      ...withOverlay({ healthcheck: { test: ["CMD", "curl", "-f", "http://localhost:8000/health"], interval: "1s" } }),
    },
    {
      name: "the health check asks localhost, which is ::1 there, and the app listens on IPv4 alone",
      finds: "ctr.health.localhost",
      on: WEB,
      ...withOverlay({
        command: ["node", "-e", 'require("http").createServer((_, out) => out.end("ok")).listen(8000, "0.0.0.0")'],
        healthcheck: {
          // As busybox's wget does it: the first address that the name has.
          test: [
            "CMD",
            "node",
            "-e",
            'require("http").get("http://localhost:8000/health", { family: 6 }, () => process.exit(0)).on("error", (e) => { console.log(e.message); process.exit(1) })',
          ],
          interval: "1s",
          start_period: "0s",
        },
      }),
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 180_000);
});
