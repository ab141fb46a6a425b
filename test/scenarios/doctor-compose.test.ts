import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { freshHost, imagesOf, on } from "../lab/lab.ts";
import { type Legal, legal } from "../lab/legal.ts";
import { HOST } from "../lab/second-host.ts";

const IMAGES = imagesOf(HOST).legal;
const ENV = "~/infrastructure/docker/.env";
const FILE = "~/infrastructure/docker/docker-compose.yml";
const NEXT = "doctor-2";
const IMAGE = `${IMAGES}/legal-frontend:${NEXT}`;
const MANIFEST = `manifests=https://${IMAGES.replace("/", "/v2/")}/legal-frontend/manifests
digest=$(docker image inspect --format '{{index .RepoDigests 0}}' ${IMAGE} | cut -d @ -f 2)`;
/** Changes one of the server's files, and puts it back as it was. */
const edited = (file: string, change: string) => ({
  inject: () => on(HOST, `cp -p ${file} /tmp/kept && ${change}`),
  undo: () => on(HOST, `cp -p /tmp/kept ${file}`),
});

describe("doctor, on a server whose project other apps share", () => {
  let app: Legal;
  const nothing = async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    // The lab's hosts have no package lists.
    expect([crashed, unknown.filter(({ id }) => id !== "host.updates.security")]).toEqual([[], []]);
  };

  beforeAll(async () => {
    await freshHost(HOST);
    app = await legal(HOST);
    const deploy = await app.workshop.tend("deploy", "legal");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    await app.startProxy();
  }, 240_000);

  afterAll(() => app?.close());

  it("finds nothing above information", nothing, 60_000);

  it("nor after another release and a rollback", async () => {
    await app.publish(NEXT, { parts: ["frontend"] });
    const deploy = await app.workshop.tend("deploy", "legal", "--only", "frontend", "--tag", NEXT);
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    await nothing();
    const rollback = await app.workshop.tend("rollback", "legal");
    expect(rollback.exit, rollback.stdout + rollback.stderr).toBe(0);
    await nothing();
  }, 240_000);

  it.each<Fault>([
    {
      // The newest release is the rollback; the one before it is what another rollback would bring back.
      name: "somebody cleaned up: the image of the release before is gone, here and in the registry",
      finds: "image.rollback.missing",
      on: "hz/legal/frontend",
      inject: () =>
        on(
          HOST,
          `set -e
${MANIFEST}
image=$(docker image inspect --format '{{.Id}}' ${IMAGE})
docker save -o /srv/frontend.tar $(docker image inspect --format '{{join .RepoTags " "}}' $image)
docker image rm -f $image >/dev/null
curl -sf -X DELETE $manifests/$digest`,
        ),
      undo: () => on(HOST, "docker load -qi /srv/frontend.tar"),
    },
    {
      name: "the compose file was edited, and is none any more",
      finds: "compose.invalid",
      on: "hz/legal",
      ...edited(FILE, `echo '  broken: [' >>${FILE}`),
    },
    {
      name: "a variable is set nowhere",
      finds: "compose.var.unset",
      on: "hz/legal",
      ...edited(ENV, `sed -i /LEGAL_ELECTRIC_SECRET/d ${ENV}`),
    },
    {
      name: "the compose file was edited, and nothing was made anew",
      finds: "compose.drift",
      on: "hz/legal/backend",
      ...edited(FILE, `sed -i 's/PORT: "4000"/PORT: "4000"\\n      WORKERS: "2"/' ${FILE}`),
    },
    {
      name: "the tag was never pushed",
      finds: "registry.missing",
      ...edited(ENV, `sed -i 's/^LEGAL_FRONTEND_TAG=.*/LEGAL_FRONTEND_TAG=99/' ${ENV}`),
    },
    {
      name: "an image was pulled by hand, and not released",
      finds: "image.running.stale",
      on: "hz/legal/backend",
      inject: () => on(HOST, `docker tag ${IMAGES}/legal-backend:1 kept:1 && docker tag busybox ${IMAGES}/legal-backend:1`),
      undo: () => on(HOST, `docker tag kept:1 ${IMAGES}/legal-backend:1 && docker image rm kept:1 >/dev/null`),
    },
    {
      name: "a service was taken out of the compose file, and runs on",
      finds: "compose.orphan",
      on: "hz/legal/old",
      inject: () =>
        on(
          HOST,
          `docker run -d --name old --label com.docker.compose.project=docker --label com.docker.compose.service=old \\
--label com.docker.compose.project.config_files=/root/infrastructure/docker/docker-compose.yml busybox sleep 1000`,
        ),
      undo: () => on(HOST, "docker rm -f old"),
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 120_000);
});
