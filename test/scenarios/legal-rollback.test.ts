import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { changesSince, clock, containerIds, expectNothingToDo, images, registriesDown, registriesUp } from "../lab/engine.ts";
import { freshHost, imagesOf, on } from "../lab/lab.ts";
import { FOLDER, type Legal, legal } from "../lab/legal.ts";
import { HOST } from "../lab/second-host.ts";

const IMAGES = imagesOf(HOST).legal;
describe("legal goes back, and its neighbours stay where they are", () => {
  let app: Legal;
  const deploy = async (tag: string, ...only: readonly "frontend"[]) => {
    await app.publish(tag, only.length > 0 ? { parts: only } : {});
    const done = await app.workshop.tend("deploy", "legal", "--tag", tag, ...only.flatMap((part) => ["--only", part]));
    expect(done.exit, done.stdout + done.stderr).toBe(0);
  };

  beforeAll(async () => {
    await freshHost(HOST);
    app = await legal(HOST);
    const first = await app.workshop.tend("deploy", "legal");
    expect(first.exit, first.stdout + first.stderr).toBe(0);
    await app.startProxy();
    await eventually(() => app.versions(), { backend: "1", frontend: "1" });
    await deploy("2");
  }, 240_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("with the registry down, and the env file shared: only the app's own tags go back", async () => {
    // Somebody else's release, in the same file.
    await on(
      HOST,
      `docker tag ${IMAGES}/auth:7 ${IMAGES}/auth:8
sed -i 's/AUTH_TAG=7/AUTH_TAG=8/' ~/infrastructure/docker/.env
cd ~/infrastructure && docker compose -f docker/docker-compose.yml up -d auth 2>&1`,
    );
    const before = await containerIds(HOST);
    const env = await app.env();
    await on(HOST, `docker image rm ${IMAGES}/legal-backend:1 ${IMAGES}/legal-frontend:1`);
    await registriesDown(HOST);
    try {
      const back = await app.workshop.tend("rollback", "legal");
      expect(back.exit, back.stdout + back.stderr).toBe(0);
      expect(back.stdout).toContain("kept on the host: no registry is asked");
      expect(back.stdout).toMatch(/LEGAL_BACKEND_TAG, LEGAL_FRONTEND_TAG in docker\/\.env; the rest of it is shared/);
      expect(back.stdout).toContain("release 3 of legal is live: it is 1 again");
    } finally {
      await registriesUp(HOST);
    }
    expect(await app.versions()).toEqual({ backend: "1", frontend: "1" });
    expect(await app.env()).toEqual(env.map((line) => line.replace(/^(LEGAL_\w+_TAG)=2$/, "$1=1")));
    expect(await app.env()).toContain("AUTH_TAG=8");
    const after = await containerIds(HOST);
    for (const name of ["auth_app", "shared_postgres", "infra_nginx", "legal_electric"]) expect(after[name]).toBe(before[name]);
    await expectNothingToDo(HOST, FOLDER, "-f docker/docker-compose.yml");
    const status = await app.workshop.tend("status");
    expect(status.stdout).toContain("release 3 (= 1)");
  }, 120_000);

  it("to a release that isn't there: refused, with the list", async () => {
    const since = await clock(HOST);
    const back = await app.workshop.tend("rollback", "legal", "--to", "41");
    expect(back.exit).toBe(5);
    expect(back.stderr + back.stdout).toMatch(/error\[release\.unknown\]: legal has no release 41/);
    expect(back.stderr + back.stdout).toMatch(/evidence +2 .*LEGAL_BACKEND_TAG=2[\s\S]* 1 .*LEGAL_BACKEND_TAG=1/);
    expect(await changesSince(HOST, since)).toEqual([]);
  }, 30_000);

  it("the images of the last five releases are kept; the sixth's lose tend's name, and nothing else is touched", async () => {
    const others = async () => Object.entries(await images(HOST)).filter(([name]) => !name.startsWith("0.tend/"));
    // 1, 2 and the rollback are there; the rollback holds on to release 1.
    for (const tag of ["4", "5", "6"]) await deploy(tag, "frontend");
    const known = await others();
    await deploy("7", "frontend");
    const kept = Object.keys(await images(HOST)).filter((name) => name.startsWith("0.tend/legal/legal-frontend:"));
    expect(kept.map((name) => Number(name.split(":")[1])).sort()).toEqual([1, 3, 4, 5, 6, 7]);
    await deploy("8", "frontend");
    const later = Object.keys(await images(HOST)).filter((name) => name.startsWith("0.tend/legal/legal-frontend:"));
    expect(later.map((name) => Number(name.split(":")[1])).sort()).toEqual([4, 5, 6, 7, 8]);
    expect(await others()).toEqual(expect.arrayContaining(known));
  }, 240_000);

  it("after docker image prune -af with the registry down: refused before anything changes, and it says what is gone", async () => {
    // The lab's PostgreSQL has several names, and would lose the one that is used.
    await on(
      HOST,
      "docker image rm postgres:16-alpine postgres:17-alpine nginx:alpine nginx:latest 2>&1; docker image prune -af",
    );
    const since = await clock(HOST);
    const env = await app.env();
    await registriesDown(HOST);
    try {
      const back = await app.workshop.tend("rollback", "legal");
      expect(back.exit, back.stdout + back.stderr).toBe(5);
      expect(back.stdout).toContain("no longer kept on the host");
      expect(back.stdout).toMatch(
        /error\[registry\.unreachable\]: .*frontend.* of release 7: the images are no longer on the host and can't be pulled/,
      );
      expect(back.stdout).toContain("the registry ghcr.io doesn't answer");
      expect(back.stdout).toMatch(/changed +nothing that users see/);
    } finally {
      await registriesUp(HOST);
    }
    expect(await changesSince(HOST, since)).toEqual([]);
    expect(await app.env()).toEqual(env);
    expect(await app.versions()).toEqual({ backend: "1", frontend: "8" });
  }, 60_000);

  it("and with the registry there: it fetches the very images that were released, even where the tag has moved since", async () => {
    await on(
      HOST,
      `docker build --quiet --build-arg APP_VERSION=moved --tag ${IMAGES}/legal-frontend:7 ~/sources/frontend >/dev/null
docker push --quiet ${IMAGES}/legal-frontend:7 >/dev/null && docker image rm ${IMAGES}/legal-frontend:7 >/dev/null`,
    );
    const back = await app.workshop.tend("rollback", "legal");
    expect(back.exit, back.stdout + back.stderr).toBe(0);
    expect(back.stdout).toMatch(/✔ fetch frontend.* of release 7/);
    expect(await app.versions()).toEqual({ backend: "1", frontend: "7" });
    await expectNothingToDo(HOST, FOLDER, "-f docker/docker-compose.yml");
  }, 120_000);
});
