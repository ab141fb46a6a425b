import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { Clients, Subject, versionAt } from "./runtime-harness.ts";
import { processFixture } from "./runtime-process-fixture.ts";
for (const role of ["routed", "single-writer"]) for (const then of ["deploy","resume"]) it(`sweep ${role} ${then}`, async () => {
  const fixture = await processFixture({ services: `web: { run: node main.mjs, port: PORT, role: ${role}, route: { domain: localhost }, probe: /health, deadline: 20s, drain: 5s }` });
  const subject = new Subject(fixture);
  await subject.deploy();
  let n = 0;
  for (let at = 0; ; at++) {
    const version = `v${++n}`;
    await fixture.publish(version);
    const { plan } = await subject.deploy({}, { dryRun: true });
    const step = plan?.steps[at]?.id;
    if (!step) break;
    const clients = new Clients(fixture.url, 3);
    const runner = fileURLToPath(new URL("./runtime-runner.ts", import.meta.url));
    const child = spawn(process.execPath, [runner, fixture.declaration, fixture.app], { stdio: ["ignore", "pipe", "inherit"] });
    let last = "";
    for await (const line of createInterface({ input: child.stdout })) { last = line; if (line === `step ${step}`) child.kill("SIGKILL"); }
    const { facts } = await subject.situation();
    const pid = `${facts.state}/runs/${facts.unfinished?.run}/pid`;
    if (at % 2 === 0) await subject.run(sh`[ ! -f ${pid} ] || kill -s KILL -- "-$(cut -d ' ' -f 1 ${pid})"`);
    await subject.run(sh`rm -rf ${facts.state}/apps/shop/lock`);
    const out = then === "resume" ? await subject.resume() : await subject.deploy();
    const seen = await clients.stop();
    (await import("node:fs")).appendFileSync("/tmp/sweep.log", [role, then, step, last, out.failure?.message ?? "ok", out.nothing ?? "", seen.requests, seen.failed.length, seen.failed[0] ?? "", await versionAt(fixture.url)].join(" | ") + "\n");
    const st = await subject.status();
    expect.soft(await versionAt(fixture.url)).toBe(version);
    expect.soft(st.drift).toEqual([]); expect.soft(st.unfinished).toBeUndefined(); if (role === "routed") expect.soft(seen.failed.length).toBe(0);
    expect.soft((await subject.deploy()).nothing).toBeDefined();
    await subject.deploy();
  }
  await subject.close(); await fixture.close();
}, 400_000);
