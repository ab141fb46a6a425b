import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { jsonLines } from "../lab/json.ts";
import { freshHost } from "../lab/lab.ts";
import { type Legal, legal } from "../lab/legal.ts";
import { type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { HOST } from "../lab/second-host.ts";

/** Two hosts in one declaration. Here both are one machine, under two names: tend knows no more of them than that. */
describe("legal and quartermaster in one fleet", () => {
  let one: Legal;
  let other: Quartermaster;

  beforeAll(async () => {
    await freshHost(HOST);
    one = await legal(HOST);
    other = await quartermaster(HOST, { port: 8080 });
    await other.publish("1");
    await one.workshop.sshAliases({ hz: one.address, onyx: other.address });
    await writeFile(
      join(one.workshop.folder, "tend.yaml"),
      together(
        await readFile(join(one.workshop.folder, "tend.yaml"), "utf8"),
        await readFile(join(other.workshop.folder, "tend.yaml"), "utf8"),
      ),
    );
  }, 180_000);

  afterAll(async () => {
    await one?.close();
    await other?.close();
    await freshHost(HOST);
  }, 60_000);

  it("tend deploy legal quartermaster releases both, side by side, each line saying whose it is", async () => {
    const deploy = await one.workshop.tend("deploy", "legal", "quartermaster", "--tag", "1");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(deploy.stdout).toContain("release 1 of legal is live");
    expect(deploy.stdout).toContain("release 1 of quartermaster is live");
    const steps = deploy.stdout.split("\n").filter((line) => line.includes("✔"));
    expect(steps.filter((line) => !/^ {2}(legal|quartermaster) {2}✔/.test(line))).toEqual([]);
    const quartermastersLast = steps.findLastIndex((line) => line.startsWith("  quartermaster"));
    const legalsLast = steps.findLastIndex((line) => line.startsWith("  legal"));
    expect(quartermastersLast).toBeLessThan(legalsLast);
    await one.startProxy();
    await eventually(() => one.versions(), { backend: "1", frontend: "1" });
    expect(await other.version()).toBe("1");
  }, 120_000);

  it("one that is refused doesn't keep the other from being released", async () => {
    await one.publish("only-legal");
    const deploy = await one.workshop.tend("deploy", "legal", "quartermaster", "--tag", "only-legal", "--json");
    expect(deploy.exit, deploy.stdout).toBe(5);
    expect(await one.versions()).toEqual({ backend: "only-legal", frontend: "only-legal" });
    expect(await other.version()).toBe("1");
    const ends = jsonLines(deploy.stdout).filter((line) => line.type === "run.end");
    expect(ends.map((line) => [line["app"], line["result"]]).sort()).toEqual([
      ["legal", "done"],
      ["quartermaster", "refused"],
    ]);
  }, 120_000);

  it("status shows both hosts and both releases", async () => {
    const status = await one.workshop.tend("status");
    expect(status.exit).toBe(0);
    expect(status.stdout).toMatch(/hz .*docker[\s\S]*legal +release 2 .*backend healthy · frontend healthy · electric healthy/);
    expect(status.stdout).toMatch(/onyx .*docker[\s\S]*quartermaster +release 1 .*quartermaster healthy/);
  }, 30_000);
});

/** The sections of the second declaration under those of the first. */
function together(first: string, second: string): string {
  const section = (yaml: string, name: string) => new RegExp(`^${name}:\\n((?: .*\\n|\\n)*)`, "m").exec(yaml)?.[1] ?? "";
  return ["hosts", "proxies", "apps"].reduce(
    (yaml, name) => yaml.replace(new RegExp(`^${name}:\\n`, "m"), (head) => head + section(second, name)),
    first,
  );
}
