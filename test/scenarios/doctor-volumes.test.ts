import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, walksInto } from "../lab/doctor.ts";
import { freshHost, on } from "../lab/lab.ts";
import { type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

describe("doctor, on a home lab with a private registry and data in a folder", () => {
  let app: Quartermaster;

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    await app.publish("1");
    const deploy = await app.workshop.tend("deploy", "quartermaster", "--tag", "1");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
  }, 240_000);

  afterAll(() => app?.close());

  it("finds nothing above information", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    // The lab's hosts have no package lists.
    expect([crashed, unknown.filter(({ id }) => id !== "host.updates.security")]).toEqual([[], []]);
  }, 60_000);

  it.each([
    {
      name: "the registry's token ran out",
      finds: "registry.auth",
      inject: () => on(HOST, "for file in ~/.docker/config.json; do mv $file /tmp/docker-config.json; done"),
      undo: () => on(HOST, "mv /tmp/docker-config.json ~/.docker/config.json"),
    },
    {
      name: "the data folder was made anew, as root's",
      finds: "vol.owner",
      on: "onyx/quartermaster/quartermaster",
      inject: () => on(HOST, "chown root:root /mnt/quartermaster && chmod 755 /mnt/quartermaster"),
      undo: () => on(HOST, "chown 1000:1000 /mnt/quartermaster"),
    },
    {
      name: "the data folder was moved away under the running app",
      finds: "vol.bind.missing",
      on: "onyx/quartermaster/quartermaster",
      inject: () => on(HOST, "mv /mnt/quartermaster /mnt/elsewhere"),
      undo: () => on(HOST, "mv /mnt/elsewhere /mnt/quartermaster"),
    },
    {
      name: "an empty folder hides what the image has",
      finds: "vol.bind.masks",
      on: "onyx/quartermaster/quartermaster",
      inject: () =>
        on(
          HOST,
          `mkdir -p /srv/public && cd /srv/quartermaster && cp -p compose.yml /tmp/compose.kept &&
sed -i 's#^    networks:#      - /srv/public:/app/public:ro\\n    networks:#' compose.yml && docker compose up -d 2>&1`,
        ),
      undo: () => on(HOST, "cd /srv/quartermaster && cp -p /tmp/compose.kept compose.yml && docker compose up -d --wait 2>&1"),
      within: 90,
    },
    {
      name: "a network that the compose file expects was never made",
      finds: "compose.network.missing",
      inject: () =>
        on(
          HOST,
          "cd /srv/quartermaster && cp -p compose.yml /tmp/compose.kept && printf '  backend-net:\\n    external: true\\n' >>compose.yml && sed -i 's/^      - proxy-net$/      - proxy-net\\n      - backend-net/' compose.yml",
        ),
      undo: () => on(HOST, "cd /srv/quartermaster && cp -p /tmp/compose.kept compose.yml"),
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 120_000);
});
