import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { commandLine, processes } from "./processes.ts";
import { Clients, Subject, versionAt } from "./runtime-harness.ts";
import { type ProcessFixture, processFixture } from "./runtime-process-fixture.ts";

/** What is the process runtime's own, beside the contract. */
describe("processes", { timeout: 120_000 }, () => {
  let fixture: ProcessFixture;
  let subject: Subject;
  afterEach(async () => {
    await subject?.close();
    await fixture?.close();
  }, 60_000);

  async function deployed(options: Parameters<typeof processFixture>[0] = {}): Promise<void> {
    fixture = await processFixture(options);
    subject = new Subject(fixture);
    expect((await subject.deploy()).failure).toBeUndefined();
  }
  const of = async (service: string) => (await subject.status()).services.find((one) => one.service === service);

  /** A folder is its lock: two at once would be seen. */
  const WRITER = `
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { createServer } from "node:http";
const version = readFileSync(new URL("./VERSION", import.meta.url), "utf8").trim();
const broken = readFileSync(new URL("./BROKEN", import.meta.url), "utf8").trim();
const lock = process.env.LOCK;
mkdirSync(lock);
process.on("exit", () => rmdirSync(lock));
if (broken) { console.error("Error: " + broken); process.exit(1); }
const server = createServer((request, response) => {
  let length = 0;
  request.on("data", (chunk) => { length += chunk.length; });
  request.on("end", () => response.end(request.method === "POST" ? String(length) : version));
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;
  const single = () => {
    const services =
      "web: { run: \"sh -c 'LOCK=$HOME/writer exec node writer.mjs'\", port: PORT, role: single-writer, route: { domain: localhost }, probe: / }";
    return { services, files: { "writer.mjs": WRITER } };
  };

  it("a single writer ends before its successor starts; requests wait and none is lost, a POST neither", async () => {
    await deployed(single());
    await fixture.publish("two");
    const clients = new Clients(fixture.url, 10);
    const posts: Promise<string>[] = [];
    const post = setInterval(() => {
      const body = "x".repeat(200_000);
      posts.push(fetch(fixture.url, { method: "POST", body }).then((answer) => answer.text(), String));
    }, 100);
    const { failure, plan, report } = await subject.deploy();
    clearInterval(post);
    expect(failure).toBeUndefined();
    expect(plan?.summary.find(({ label }) => label === "services")?.text).toBe(
      "web: recreated, with a gap: it is the only writer of its data",
    );
    expect(await clients.stop()).toMatchObject({ failed: [], versions: ["zero", "two"] });
    expect((await Promise.all(posts)).filter((answer) => answer !== "200000")).toEqual([]);
    expect(report?.gap).toMatchObject({ failed: 0 });
    expect(report?.gap?.longestGapMs).toBeGreaterThan(50);
  });

  it("a single writer that can't start gives way to the former one", async () => {
    await deployed(single());
    const { failure } = await subject.deploy(await fixture.publish("two", { broken: "the file is locked" }));
    expect(failure?.parts).toMatchObject({ id: "release.unhealthy", evidence: [expect.stringContaining("the file is locked")] });
    expect(failure?.parts.changed).toBe("nothing lasting: what was serving before is serving again");
    expect(await versionAt(fixture.url)).toBe("zero");
  });

  it("a request under way is finished by the process that began it", async () => {
    await deployed();
    await fixture.publish("two");
    const slow = fetch(`${fixture.url}/slow`).then((answer) => answer.text());
    await delay(100);
    expect((await subject.deploy()).failure).toBeUndefined();
    expect(await slow).toBe("zero");
    expect(await versionAt(fixture.url)).toBe("two");
  });

  it("a one-off runs to its end before the others, and a failing one holds the release back", async () => {
    const services = `web: { run: node main.mjs, port: PORT, route: { domain: localhost }, probe: /health },
      migrate: { run: node migrate.mjs, role: one-off }, queue: { run: node queue.mjs }`;
    await deployed({
      services,
      files: {
        "migrate.mjs": 'console.log("migrated")',
        "queue.mjs": 'console.log("waiting for work"); setInterval(() => {}, 1000)',
      },
    });
    expect(await of("migrate")).toMatchObject({ state: "exited", exitCode: 0 });
    expect(await of("queue")).toMatchObject({ state: "running", health: "none", ports: [] });
    expect((await subject.deploy()).nothing).toBeDefined();
    fixture.commit({ VERSION: "two\n", "migrate.mjs": 'console.error("Error: column is missing"); process.exit(4)' });
    const { failure, plan } = await subject.deploy();
    expect(plan?.steps.map(({ id }) => id)).toEqual(expect.arrayContaining(["end-queue", "start-queue", "enter-queue"]));
    expect(failure?.parts).toMatchObject({
      title: "migrate of release 2 failed",
      evidence: [expect.stringContaining("column is missing")],
    });
    expect(await versionAt(fixture.url)).toBe("zero");
  });

  it("a process that died is shown with its exit code, and the next deploy starts it", async () => {
    await deployed();
    await fetch(`${fixture.url}/die`).catch(() => undefined);
    await delay(800);
    expect(await of("web")).toMatchObject({ state: "exited", exitCode: 3 });
    expect(await versionAt(fixture.url)).toMatch(/^503 /);
    expect((await subject.deploy()).failure).toBeUndefined();
    expect(await versionAt(fixture.url)).toBe("zero");
    expect((await subject.status()).releases).toHaveLength(2);
  });

  it("a front that died is missed, and a start brings it back without touching the process", async () => {
    await deployed();
    const before = await of("web");
    const front = readFileSync(join(fixture.folder, `state/apps/shop/services/web/fronts/${fixture.port}/pid`), "utf8");
    process.kill(Number(front), "SIGKILL");
    await delay(50);
    expect((await subject.status()).drift).toEqual([`nobody holds port ${fixture.port}: tend start shop`]);
    expect((await subject.power("start")).failure).toBeUndefined();
    expect(await versionAt(fixture.url)).toBe("zero");
    expect((await subject.status()).drift).toEqual([]);
    expect(before?.state).toBe("running");
  });

  it("a pid that belongs to another process by now is left alone", async () => {
    await deployed();
    const [name] = readdirSync(join(fixture.folder, "state/apps/shop/services/web/processes"));
    const file = join(fixture.folder, `state/apps/shop/services/web/processes/${name}/process.json`);
    const known = JSON.parse(readFileSync(file, "utf8"));
    await subject.run(sh`kill -9 ${known.pid} ${known.keeper.pid}`);
    writeFileSync(file, JSON.stringify({ ...known, pid: process.pid }));
    writeFileSync(file.replace("process.json", "pid"), `${process.pid}\n`);
    expect(await of("web")).toMatchObject({ state: "exited", exitCode: undefined });
    expect((await subject.power("stop")).failure).toBeUndefined();
    // Had this very process been meant, it would not be here to tell.
  });

  it("a port that somebody else holds is refused before anything runs", async () => {
    fixture = await processFixture();
    subject = new Subject(fixture);
    const other = createServer().listen(fixture.port, "127.0.0.1");
    const { failure } = await subject.deploy();
    expect(failure?.parts).toMatchObject({ id: "port.busy", exit: "refused" });
    expect(await of("web")).toMatchObject({ state: "absent" });
    await new Promise((resolve) => other.close(resolve));
  });

  it("refuses a dirty checkout with its files, and a program that the host hasn't", async () => {
    await deployed();
    writeFileSync(join(fixture.checkout, "main.mjs"), "// by hand\n");
    expect((await subject.deploy()).failure?.parts).toMatchObject({
      id: "code.dirty",
      exit: "refused",
      evidence: [expect.stringContaining("main.mjs")],
    });
    expect(readFileSync(join(fixture.checkout, "main.mjs"), "utf8")).toBe("// by hand\n");
    const text = readFileSync(fixture.declaration, "utf8");
    writeFileSync(fixture.declaration, text.replace("run: node", "run: no-such-program").replace(/, PATH: "[^"]*"/, ""));
    const other = new Subject(fixture);
    expect((await other.deploy()).failure?.parts).toMatchObject({
      id: "process.command",
      evidence: [expect.stringContaining("a change")],
    });
    await other.close();
    writeFileSync(fixture.declaration, text);
    fixture.git("checkout", "--", ".");
  });

  it("what is no longer declared ends with the next deploy", async () => {
    await deployed({
      services: "web: { run: node main.mjs, port: PORT, route: { domain: localhost } }, queue: { run: node queue.mjs }",
      files: { "queue.mjs": "setInterval(() => {}, 1000)" },
    });
    const runs = () =>
      processes().some(({ pid }) => commandLine(pid).includes("queue.mjs") && existsSync(`/proc/${pid}/cwd/queue.mjs`));
    expect(runs()).toBe(true);
    writeFileSync(fixture.declaration, readFileSync(fixture.declaration, "utf8").replace(/, queue: \{.*?\}/, ""));
    const other = new Subject(fixture);
    const { plan, failure } = await other.deploy();
    await other.close();
    expect(failure).toBeUndefined();
    expect(plan?.steps.map(({ id }) => id)).toEqual(["end-stray-queue", "record"]);
    expect(runs()).toBe(false);
  });

  it("a secret of an env file is in no plan, journal, log or process list", async () => {
    fixture = await processFixture();
    subject = new Subject(fixture);
    await fixture.setSeason("canary-7f31");
    expect((await subject.deploy()).failure).toBeUndefined();
    expect((await subject.power("restart")).failure).toBeUndefined();
    const found = await subject.run(sh`grep -rl canary-7f31 ${join(fixture.folder, "state")}`);
    expect(found.stdout.trim().split("\n")).toEqual([join(fixture.folder, "state/apps/shop/releases/1/env/0")]);
    expect(processes().filter(({ pid }) => commandLine(pid).includes("canary-7f31"))).toEqual([]);
  });

  it("keeps the last five releases and forgets older ones", async () => {
    await deployed();
    for (const version of ["2", "3", "4", "5", "6", "7"]) {
      expect((await subject.deploy(await fixture.publish(version))).failure).toBeUndefined();
    }
    expect(readdirSync(join(fixture.folder, "state/apps/shop/releases")).sort()).toEqual(["3", "4", "5", "6", "7"]);
    expect((await subject.rollback(1)).failure?.parts).toMatchObject({ id: "release.gone", exit: "refused" });
    expect((await subject.rollback(3)).failure).toBeUndefined();
    expect(await versionAt(fixture.url)).toBe("3");
  });
});
