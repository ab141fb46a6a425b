import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";

const HOST = labHostOfThisWorker();
const SERVICE = "onyx/quartermaster/quartermaster";
const UP = `cd ${FOLDER} && docker compose up -d --wait 2>&1`;

/** A fault in the compose file, by a sed script. */
function written(script: string, before = ":"): Pick<Fault, "inject" | "undo" | "within"> {
  return {
    inject: () =>
      on(HOST, `${before} && cd ${FOLDER} && cp compose.yml /tmp/compose.yml && sed -i '${script}' compose.yml && ${UP}`),
    undo: () => on(HOST, `cp /tmp/compose.yml ${FOLDER}/compose.yml && ${UP}`),
    within: 30,
  };
}

describe("doctor, behind Traefik", () => {
  let app: Quartermaster;

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    await app.publish("1");
    const first = await app.workshop.tend("deploy", "quartermaster", "--tag", "1");
    expect(first.exit, first.stdout + first.stderr).toBe(0);
    await eventually(() => app.version(), "1");
  }, 180_000);

  afterAll(() => app?.close());

  it("finds nothing above information", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "proxy,route");
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect([crashed, unknown]).toEqual([[], []]);
  });

  const faults: readonly Fault[] = [
    {
      name: "the Host rule has a typo",
      finds: "route.unknown-host",
      on: SERVICE,
      ...written("s/quartermaster.example/quartermasters.example/"),
    },
    {
      name: "the label has another port than the app",
      finds: "proxy.upstream.port",
      on: SERVICE,
      ...written('s/server.port: "8000"/server.port: "9000"/'),
    },
    {
      name: "the label names a network that Traefik isn't on",
      finds: "proxy.network",
      on: SERVICE,
      ...written(
        "s/docker.network: proxy-net/docker.network: aside/; s/      - proxy-net/&\\n      - aside/; $a\\  aside: { name: aside }",
      ),
    },
    {
      name: "the label names a network as the compose file does, without the project's name before it",
      finds: "proxy.network.choice",
      on: SERVICE,
      ...written("s/docker.network: proxy-net/docker.network: aside/; s/      - proxy-net/&\\n      - aside/; $a\\  aside: {}"),
    },
    {
      name: "two networks, and no label says which",
      finds: "proxy.network.choice",
      on: SERVICE,
      ...written("/docker.network: proxy-net/d; s/      - proxy-net/&\\n      - aside/; $a\\  aside: {}"),
    },
    {
      name: "an old container defines the same router differently",
      finds: "proxy.router.conflict",
      on: SERVICE,
      inject: () =>
        on(
          HOST,
          "docker run -d --name old --network proxy-net --expose 8000 --label traefik.enable=true --label 'traefik.http.routers.quartermaster.rule=Host(`old.example`)' --label traefik.http.services.old.loadbalancer.server.port=8000 busybox sleep 600",
        ),
      undo: () => on(HOST, "docker rm -f old"),
      within: 30,
    },
    {
      name: "the login's hash has lost its dollars",
      finds: "route.basic-auth",
      on: SERVICE,
      ...written(
        's/^    labels:/&\\n      traefik.http.routers.quartermaster.middlewares: door\\n      traefik.http.middlewares.door.basicauth.users: "anna:$apr1$x$y"/',
      ),
    },
    {
      name: "Docker is too new for Traefik",
      finds: "proxy.version",
      standIn: "Docker 26 refuses 1.12 in its own words, as Docker 29 does 1.24, which Traefik 3.1 asks for",
      on: "onyx/traefik",
      inject: () =>
        on(
          HOST,
          `docker exec -u 0 traefik sed -i 's#request({ socketPath, path }#request({ socketPath, path: "/v1.12" + path }#' /app/engine-api/engine.ts && docker restart -t 1 traefik`,
        ),
      undo: () => on(HOST, "cd /srv/traefik/infrastructure && docker compose up -d --force-recreate -t 1 2>&1"),
      within: 30,
    },
  ];
  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 120_000);
});
