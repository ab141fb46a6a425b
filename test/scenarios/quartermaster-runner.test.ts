import { readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNothingToDo } from "../lab/engine.ts";
import { freshHost, on } from "../lab/lab.ts";
import { send } from "../lab/legal.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

const PACKAGE = fileURLToPath(new URL("../../packages/tend", import.meta.url));

describe("a runner on the host itself", () => {
  let app: Quartermaster;
  const tend = (...args: readonly string[]) => on(HOST, `cd ~/runner && ./node tend/bin/tend.js ${args.join(" ")} 2>&1`);

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    for (const tag of ["3f2a91c", "8d04e7b"]) await app.publish(tag);
    const node = await realpath(process.execPath);
    await send(app.workshop, HOST, dirname(node), ["node"], "~/runner");
    await send(app.workshop, HOST, PACKAGE, ["bin", "dist", "package.json"], "~/runner/tend");
    // The example's own declaration: its host is local. Only the lab has no DNS for its domain.
    const declaration = await readFile(join(app.workshop.folder, "quartermaster/tend.yaml"), "utf8");
    await on(
      HOST,
      "cat >~/runner/tend.yaml",
      declaration.replace("container: traefik,", 'container: traefik, url: "http://127.0.0.1",'),
    );
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("releases the commit that it was given, with nothing there but Node and tend", async () => {
    const first = await tend("deploy", "quartermaster", "--tag", "3f2a91c");
    expect(first).toContain("release 1 of quartermaster is live");
    const deploy = await tend("deploy", "quartermaster", "--tag", "8d04e7b");
    expect(deploy).toContain("QUARTERMASTER_TAG 3f2a91c → 8d04e7b");
    expect(deploy).toMatch(/release 2 of quartermaster is live · .* requests failed/);
    expect(await app.version()).toBe("8d04e7b");
    await expectNothingToDo(HOST, FOLDER);
  }, 90_000);

  it("and from outside, over ssh, the same release is seen, and can be taken back", async () => {
    const inside = JSON.parse(await tend("status", "--json"));
    const outside = JSON.parse((await app.workshop.tend("status", "--json")).stdout);
    expect(outside.hosts[0].apps[0].releases).toEqual(inside.hosts[0].apps[0].releases);
    expect((await app.workshop.tend("status")).stdout).toMatch(/quartermaster +release 2 .* quartermaster healthy/);
    const back = await app.workshop.tend("rollback", "quartermaster");
    expect(back.exit, back.stdout + back.stderr).toBe(0);
    expect(await tend("releases", "quartermaster")).toMatch(/3 live .*rollback to 1/);
    expect(await app.version()).toBe("3f2a91c");
  }, 60_000);

  it("it ends with the exit code that says what it was", async () => {
    expect(await tend("deploy", "quartermaster", "--tag", "0000000", ";", "echo", '"exit $?"')).toMatch(
      /error\[registry\.tag-missing\][\s\S]*exit 5/,
    );
  }, 30_000);
});
