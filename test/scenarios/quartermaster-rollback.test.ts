import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesSince, clock, expectNothingToDo, images, registriesDown, registriesUp } from "../lab/engine.ts";
import { freshHost, imagesOf, on } from "../lab/lab.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

const IMAGES = imagesOf(HOST).quartermaster;
describe("quartermaster goes back by the commit that its image was built from", () => {
  let app: Quartermaster;
  const file = (name: string) => on(HOST, `cat ${FOLDER}/${name}`);
  const deploy = async (tag: string) => {
    const done = await app.workshop.tend("deploy", "quartermaster", "--tag", tag);
    expect(done.exit, done.stdout + done.stderr).toBe(0);
  };

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    for (const tag of ["aaaaaa1", "bbbbbb2"]) await app.publish(tag);
    await deploy("aaaaaa1");
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("there is nothing to go back to after the first release: refused", async () => {
    const back = await app.workshop.tend("rollback", "quartermaster");
    expect(back.exit).toBe(5);
    expect(back.stdout + back.stderr).toContain("quartermaster has no release before the one that is live");
  }, 30_000);

  it("with the registry down: image, tag, that release's env file and its compose file come back", async () => {
    const env = await file(".env");
    const compose = await file("compose.yml");
    const stat = await on(HOST, `stat -c '%a %U:%G %i' ${FOLDER}/.env`);
    // The next release comes with another memory limit and another setting.
    await on(HOST, `cd ${FOLDER} && sed -i 's/mem_limit: 1g/mem_limit: 512m/' compose.yml && echo 'LATER_SETTING=yes' >>.env`);
    await deploy("bbbbbb2");
    expect(await on(HOST, "docker inspect --format '{{.HostConfig.Memory}}' quartermaster")).toBe("536870912\n");
    await on(HOST, `docker image rm ${IMAGES}/quartermaster:aaaaaa1`);
    await registriesDown(HOST);
    try {
      const back = await app.workshop.tend("rollback", "quartermaster");
      expect(back.exit, back.stdout + back.stderr).toBe(0);
      expect(back.stdout).toContain("kept on the host: no registry is asked");
      expect(back.stdout).toMatch(/config +compose\.yml, \.env of release 1/);
      expect(back.stdout).toContain("release 3 of quartermaster is live: it is 1 again");
    } finally {
      await registriesUp(HOST);
    }
    expect(await app.version()).toBe("aaaaaa1");
    expect(await file(".env")).toBe(env);
    expect(await file("compose.yml")).toBe(compose);
    expect(await on(HOST, `stat -c '%a %U:%G %i' ${FOLDER}/.env`)).toBe(stat);
    expect(await on(HOST, "docker inspect --format '{{.HostConfig.Memory}}' quartermaster")).toBe("1073741824\n");
    await expectNothingToDo(HOST, FOLDER);
  }, 90_000);

  it("and forward again, by its number", async () => {
    const forward = await app.workshop.tend("rollback", "quartermaster", "--to", "2");
    expect(forward.exit, forward.stdout + forward.stderr).toBe(0);
    expect(await app.version()).toBe("bbbbbb2");
    expect(await file(".env")).toContain("LATER_SETTING=yes");
    await expectNothingToDo(HOST, FOLDER);
  }, 60_000);

  it("to a release that can't be, or the one that is live: refused with the list, and nothing is touched", async () => {
    const since = await clock(HOST);
    const unknown = await app.workshop.tend("rollback", "quartermaster", "--to", "99");
    expect(unknown.exit).toBe(5);
    expect(unknown.stdout).toMatch(
      /quartermaster has no release 99[\s\S]*QUARTERMASTER_TAG=bbbbbb2[\s\S]*QUARTERMASTER_TAG=aaaaaa1/,
    );
    const live = await app.workshop.tend("rollback", "quartermaster", "--to", "4");
    expect(live.exit).toBe(5);
    expect(live.stdout).toContain("release 4 is the one that is live");
    expect(await changesSince(HOST, since)).toEqual([]);
  }, 30_000);

  it("docker image prune -af takes a kept image away: the rollback says so, and fetches the very same one", async () => {
    const before = (await images(HOST))["0.tend/quartermaster/quartermaster:1"];
    await on(HOST, "docker image prune -af");
    // What runs keeps the name that its compose file uses: nothing has to be pulled to start it anew.
    await registriesDown(HOST);
    try {
      await expectNothingToDo(HOST, FOLDER);
    } finally {
      await registriesUp(HOST);
    }
    expect(Object.keys(await images(HOST))).not.toContain("0.tend/quartermaster/quartermaster:1");
    const back = await app.workshop.tend("rollback", "quartermaster", "--to", "1");
    expect(back.exit, back.stdout + back.stderr).toBe(0);
    expect(back.stdout).toContain("quartermaster: no longer kept on the host, fetched again");
    expect(await app.version()).toBe("aaaaaa1");
    expect((await images(HOST))["0.tend/quartermaster/quartermaster:1"]).toBe(before);
  }, 60_000);
});
