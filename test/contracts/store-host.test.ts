import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { openHost } from "../../packages/tend/src/backup/destination/host.ts";
import type { HostName } from "../../packages/tend/src/model/names.ts";
import { LocalTransport } from "../../packages/tend/src/transport/local.ts";
import { memoryFolder } from "./memory-folder.ts";
import { storeContract } from "./store.ts";
import { inFolder } from "./store-folder.ts";

async function onHost() {
  const transport = new LocalTransport("hemma" as HostName);
  const test = await inFolder((folder) => openHost(folder, "backups", transport));
  return { ...test, close: () => transport.close().then(test.close) };
}

storeContract("a folder of the host", onHost);

const [BUSYBOX] = ["busybox"];

describe.runIf(spawnSync(BUSYBOX, ["--install", "-s", "/nowhere"]).error === undefined)("with busybox alone", () => {
  const path = process.env["PATH"];
  let folder: string;
  beforeAll(async () => {
    folder = await memoryFolder("tend-busybox-");
    await mkdir(join(folder, "bin"));
    spawnSync(BUSYBOX, ["--install", "-s", join(folder, "bin")]);
    process.env["PATH"] = join(folder, "bin");
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await rm(folder, { recursive: true });
  });
  storeContract("a folder of a host with busybox", onHost);
});
