import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { containerIds, images } from "../lab/engine.ts";
import { freshHost, imagesOf, lab, on, run } from "../lab/lab.ts";
import { type Legal, legal } from "../lab/legal.ts";
import { HOST } from "../lab/second-host.ts";
import { TEND } from "../lab/workshop.ts";

const IMAGES = imagesOf(HOST).legal;
/**
 * "This machine" has a docker command and an engine to go with it; as on a laptop whose Docker context is a remote
 * one, the engine is that of the lab host, over a forwarded socket. So the images are taken off it before the deploy.
 */
describe("legal is built on this machine, pushed, and pulled by its server", () => {
  let app: Legal;
  let forwarding: ChildProcess;
  const build = (...args: readonly string[]) =>
    run([process.execPath, TEND, "build", "legal", ...args], {
      cwd: app.workshop.folder,
      env: {
        ...app.workshop.env,
        PATH: `${dirname(lab().engine.client)}:${process.env["PATH"]}`,
        DOCKER_CONFIG: join(dirname(lab().ca), "docker-config"),
        DOCKER_HOST: `unix://${app.workshop.folder}/docker.sock`,
      },
    });

  beforeAll(async () => {
    await freshHost(HOST);
    app = await legal(HOST);
    const first = await app.workshop.tend("deploy", "legal");
    expect(first.exit, first.stdout + first.stderr).toBe(0);
    await app.startProxy();
    const socket = join(app.workshop.folder, "docker.sock");
    forwarding = spawn("ssh", ["-F", lab().sshConfig, "-N", "-L", `${socket}:/var/run/docker.sock`, HOST], { stdio: "ignore" });
    await eventually(async () => existsSync(socket), true);
  }, 180_000);

  afterAll(async () => {
    forwarding?.kill();
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("a dry run shows the very commands", async () => {
    const dry = await build("--push", "--tag", "2", "--dry-run");
    expect(dry.exit, dry.stdout + dry.stderr).toBe(0);
    expect(dry.stdout).toContain(`docker build --tag ${IMAGES}/legal-backend:2 `);
    expect(dry.stdout).toContain(`docker push ${IMAGES}/legal-frontend:2`);
    expect(Object.keys(await images(HOST))).not.toContain(`${IMAGES}/legal-backend:2`);
  }, 30_000);

  it("build --push, then deploy: the server runs what was built here", async () => {
    for (const part of ["backend", "frontend"])
      await writeFile(join(app.workshop.folder, "legal", part, "VERSION"), "2-from-here\n");
    const before = await containerIds(HOST);
    const built = await build("--push", "--tag", "2");
    expect(built.exit, built.stdout + built.stderr).toBe(0);
    expect(built.stdout).toMatch(new RegExp(`✔ build backend[^]*✔ push ${IMAGES}/legal-backend:2`));
    expect(built.stdout).toMatch(new RegExp(`✔ build frontend[^]*✔ push ${IMAGES}/legal-frontend:2`));
    expect(await containerIds(HOST)).toEqual(before);
    await on(HOST, `docker image rm ${IMAGES}/legal-backend:2 ${IMAGES}/legal-frontend:2`);
    const deploy = await app.workshop.tend("deploy", "legal", "--tag", "2");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(await app.versions()).toEqual({ backend: "2-from-here", frontend: "2-from-here" });
  }, 180_000);

  it("a build that fails says so, and nothing is pushed", async () => {
    await writeFile(join(app.workshop.folder, "legal/frontend/Dockerfile"), "FROM node:24-slim\nRUN node -e 'process.exit(3)'\n");
    const built = await build("--only", "frontend", "--push", "--tag", "3");
    expect(built.exit).toBe(1);
    expect(built.stdout).toContain("error[build.failed]: frontend can't be built");
    expect(built.stdout).not.toContain("✔ push");
  }, 60_000);
});
