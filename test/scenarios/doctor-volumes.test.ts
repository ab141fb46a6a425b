import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { freshHost, lab, on, quoted } from "../lab/lab.ts";
import { type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

/** In the registry's place: what Docker Hub answers those who have asked too often. */
const LIMITER = `server {
  listen 80;
  default_type application/json;
  location = /v2/ { return 200 "{}"; }
  location / { return 429 '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"}]}'; }
}`;
const TO_LIMITER = `OUTPUT -p tcp -d ${lab().registry.address.replace(":", " --dport ")} -j REDIRECT --to-ports 5055`;

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

  it.each<Fault>([
    {
      name: "the registry's token ran out",
      finds: "registry.auth",
      inject: () => on(HOST, "for file in ~/.docker/config.json; do mv $file /tmp/docker-config.json; done"),
      undo: () => on(HOST, "mv /tmp/docker-config.json ~/.docker/config.json"),
    },
    {
      name: "the registry has had enough of this address",
      finds: "registry.ratelimit",
      standIn: "an nginx in the registry's place gives Docker Hub's answer",
      severity: "info",
      inject: () =>
        on(
          HOST,
          `docker run -d --name limiter -p 127.0.0.1:5055:80 nginx:1.27 sh -c 'printf %s "$0" >/etc/nginx/conf.d/default.conf; exec nginx -g "daemon off;"' ${quoted(LIMITER)} &&
until curl -sf http://127.0.0.1:5055/v2/; do sleep 0.1; done && iptables -t nat -I ${TO_LIMITER}`,
        ),
      undo: () => on(HOST, `iptables -t nat -D ${TO_LIMITER} && docker rm -f limiter`),
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
