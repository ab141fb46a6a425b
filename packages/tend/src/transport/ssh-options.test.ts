import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { clientOptions, masterOptions } from "./ssh-options.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ssh-options-"));
  const file = join(folder, "config");
  writeFileSync(file, "Host patient\n  ConnectTimeout 30\n  ServerAliveInterval 60\n");
  vi.stubEnv("TEND_SSH_CONFIG", file);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it("bounds the wait for a host, and watches the connection, where the user has said nothing of it", async () => {
  const options = await masterOptions("plain", "/run/m", false);
  expect(options.patience).toBe(5);
  expect(options.arguments).toEqual(expect.arrayContaining(["ConnectTimeout=5", "ServerAliveInterval=5"]));
});

it("leaves alone what the user has set", async () => {
  const options = await masterOptions("patient", "/run/m", false);
  expect(options.patience).toBe(30);
  expect(options.arguments.join(" ")).not.toContain("ServerAlive");
});

it("asks for nothing where nobody can answer", async () => {
  expect((await masterOptions("plain", "/run/m", false)).arguments).toContain("BatchMode=yes");
  expect((await masterOptions("plain", "/run/m", true)).arguments).toContain("BatchMode=no");
});

it("never touches the checking of host keys", async () => {
  const all = [...(await masterOptions("plain", "/run/m", true)).arguments, ...clientOptions("plain", "/run/m", [])];
  expect(all.join(" ")).not.toMatch(/HostKey|KnownHosts/i);
});

it("takes an alias for an alias, and a path for a path", () => {
  expect(clientOptions("-oProxyCommand=x", "/run/100%/m", [])).toEqual(expect.arrayContaining(["/run/100%%/m"]));
  expect(clientOptions("-oProxyCommand=x", "/run/m", []).slice(-2)).toEqual(["--", "-oProxyCommand=x"]);
});
