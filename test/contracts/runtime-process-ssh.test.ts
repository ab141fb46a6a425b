import { afterAll, beforeAll, describe, vi } from "vitest";
import { runtimeContract } from "./runtime.ts";
import { processFixture } from "./runtime-process-fixture.ts";
import { missing, Sshd } from "./sshd.ts";

const reason = missing();

/** There the system's own Node does the work, with a copy of the program that tend brings. */
describe.skipIf(reason)(`over a real sshd${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await Sshd.start();
    vi.stubEnv("TEND_SSH_CONFIG", sshd.config);
    vi.stubEnv("XDG_RUNTIME_DIR", sshd.folder);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sshd.stop();
  });
  runtimeContract("process", () => processFixture({ host: "ssh: [up]" }));
});
