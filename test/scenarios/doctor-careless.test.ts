import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { freshHost, lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();

/** A small app whose compose file leaves nothing to be desired. */
const CAREFUL = {
  image: "nginx:1.27",
  restart: "unless-stopped",
  mem_limit: "128m",
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
  healthcheck: { test: ["CMD", "nginx", "-t", "-q"], interval: "2s", start_period: "5s" },
};

describe("doctor, on a compose file that was written carelessly", () => {
  let workshop: Workshop;

  const up = (change: object) =>
    on(
      HOST,
      "mkdir -p /srv/small && cd /srv/small && cat >compose.yaml && docker compose up -d --quiet-pull 2>&1; true",
      JSON.stringify({ services: { web: { ...CAREFUL, ...change } } }),
    );

  beforeAll(async () => {
    await freshHost(HOST);
    workshop = await Workshop.open();
    await workshop.sshAliases({ attic: lab().hosts.find((one) => one.name === HOST)?.address as string });
    await workshop.write(
      "tend.yaml",
      "fleet: attic\nhosts: { attic: { ssh: attic } }\napps: { small: { host: attic, path: /srv/small, services: { web: {} } } }\n",
    );
    await up({});
  }, 120_000);

  afterAll(() => workshop?.close());

  it("finds nothing above information where it was written with care", async () => {
    const { findings, crashed } = await doctor(workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
  }, 60_000);

  const faults: readonly (Pick<Fault, "name" | "finds" | "severity" | "hardening"> & { readonly change: object })[] = [
    { name: "it stays down after a crash or a restart of the host", finds: "ctr.restart.policy", change: { restart: "no" } },
    { name: "its log grows for ever", finds: "ctr.log.rotation", change: { logging: { driver: "json-file" } } },
    {
      name: "it has the engine's socket",
      finds: "ctr.sock",
      change: { volumes: ["/var/run/docker.sock:/var/run/docker.sock"] },
    },
    { name: "it may do anything on the host", finds: "ctr.privileged", change: { privileged: true } },
    { name: "its image is whatever latest is today", finds: "image.floating", change: { image: "nginx:latest" } },
    {
      name: "its data is in a volume without a name",
      finds: "vol.anonymous",
      change: {
        image: "postgres:17",
        environment: { POSTGRES_PASSWORD: "x" },
        healthcheck: { test: ["CMD", "pg_isready"], interval: "2s" },
      },
    },
    {
      name: "a folder is mounted where the image has a file",
      finds: "vol.bind.missing",
      change: { volumes: ["/srv/small/nowhere:/etc/nginx/nginx.conf"] },
    },
    {
      name: "the stick that it uses was pulled out",
      finds: "ctr.start.failed",
      change: { devices: ["/dev/ttyACM0:/dev/ttyACM0"] },
    },
    {
      name: "it may take all of the host's memory",
      finds: "ctr.limits",
      severity: "info",
      hardening: true,
      change: { mem_limit: undefined },
    },
  ];

  it.each(faults)(
    "$name",
    ({ change, ...fault }) =>
      walksInto(workshop, { ...fault, on: /^attic\/small\/web/, inject: () => up(change), undo: () => up({}), within: 60 }),
    180_000,
  );

  it.each<Fault>([
    {
      name: "PostgreSQL 18 has its volume where 17 had it",
      finds: "vol.pg.path",
      standIn: "the image is PostgreSQL 17's, with what 18's declares: PG_MAJOR, PGDATA and the volume",
      on: "attic/small/web",
      inject: async () => {
        await on(
          HOST,
          "printf 'FROM postgres:17\nENV PG_MAJOR=18 PGDATA=/var/lib/postgresql/18/docker\nVOLUME /var/lib/postgresql\n' | docker build --quiet --tag postgres:18 -",
        );
        await up({
          image: "postgres:18",
          environment: { POSTGRES_PASSWORD: "x" },
          volumes: ["/srv/data:/var/lib/postgresql/data"],
          healthcheck: { test: ["CMD", "pg_isready"], interval: "2s" },
        });
      },
      undo: () => up({}),
      within: 60,
    },
    {
      name: "a project that nobody declared",
      finds: "compose.project.undeclared",
      on: "attic/forgotten",
      severity: "info",
      inject: () =>
        on(
          HOST,
          "mkdir -p /srv/forgotten && cd /srv/forgotten && cat >compose.yaml && docker compose up -d 2>&1",
          JSON.stringify({ services: { web: { ...CAREFUL, network_mode: "none" } } }),
        ),
      undo: () => on(HOST, "cd /srv/forgotten && docker compose down -t 1 2>&1"),
    },
    {
      name: "Docker is a snap, and the app stands where that can't see",
      finds: "host.docker.snap",
      standIn: "no snapd: Debian's docker lies where a snap's does",
      on: "attic",
      inject: () => on(HOST, "mkdir -p /snap/bin && mv /usr/bin/docker /snap/bin/docker"),
      undo: () => on(HOST, "mv /snap/bin/docker /usr/bin/docker"),
    },
    {
      name: "Compose isn't installed",
      finds: "host.engine.version",
      on: "attic",
      inject: () => on(HOST, "mv /usr/libexec/docker/cli-plugins/docker-compose /root/docker-compose"),
      undo: () => on(HOST, "mv /root/docker-compose /usr/libexec/docker/cli-plugins/docker-compose"),
    },
  ])("$name", (fault) => walksInto(workshop, fault), 180_000);
});
