import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqliteProbe } from "./facts.ts";
import { place } from "./place.ts";
import type { SqliteSite } from "./site.ts";
import { SQLITE_STATUS } from "./status.ts";
import { swapIn } from "./swap.ts";
import { take } from "./take.ts";
import { takeStopped } from "./take-stopped.ts";
import { type Container, SqliteBench, TOOLS, type Tool } from "./testing.ts";

let bench: SqliteBench;
/** Where containers see what they have mounted: a path that the host hasn't. */
let inside: string;
beforeEach(() => {
  bench = new SqliteBench();
  inside = join(bench.folder, "inside");
  mkdirSync(inside);
});
afterEach(() => bench.close());

function made(path: string, rows = 1): string {
  mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE t(a)");
  for (let row = 0; row < rows; row++) db.exec("INSERT INTO t VALUES (1)");
  db.close();
  return path;
}

/** A mount as it is inside: a symbolic link to what is mounted. */
function mounted(source: string, name: string): Container["mounts"][number] {
  symlinkSync(source, join(inside, name));
  return { source, target: join(inside, name) };
}

const [tool] = [...TOOLS.keys()] as [Tool];
const others = (["node", "sqlite3"] as const).filter((one) => TOOLS.has(one));
const rows = (about: string) => Number(/"rows":\["main","t"\],"count":(\d+)/.exec(about)?.[1]);

/** Who did it, by the commands that Docker was given: `exec web python3`. */
async function doneBy(site: SqliteSite, tools: Tool | "" = ""): Promise<readonly [number | null, number, string]> {
  const ran = await bench.run(take(site), { tools });
  const last = bench.commands.at(-1) ?? "";
  return [ran.status, rows(ran.about), /^(exec|run) .* take /.test(last) ? last : "host"];
}

describe("a database is read", () => {
  test.each([...TOOLS.keys()])("in a running container that has its folder mounted, by its %s, as its own user", async (own) => {
    const path = made(bench.file("app.db"));
    bench.container("web", { tools: [own], mounts: [mounted(bench.data, "data")] });
    const [status, count, by] = await doneBy(bench.site(path, { containers: ["proxy", "web"] }), "node");
    expect([status, count, by.trim()]).toEqual([
      0,
      1,
      expect.stringMatching(new RegExp(`^exec -i -e NODE_OPTIONS= web ${own === "sqlite3" ? "sh" : own} `)),
    ]);
    expect(by).toContain(join(inside, "data/app.db"));
    expect(by).not.toContain("--user");
  });

  test("in one that may write there rather than in one that may not", async () => {
    const path = made(bench.file("app.db"));
    bench.container("reader", { tools: [tool], mounts: [{ ...mounted(bench.data, "read"), writable: false }] });
    bench.container("web", { tools: [tool], mounts: [mounted(bench.data, "data")] });
    expect((await doneBy(bench.site(path, { containers: ["reader", "web"] })))[2]).toContain(" web ");
    bench.container("web", { status: "exited", tools: [tool], mounts: [] });
    expect((await doneBy(bench.site(path, { containers: ["reader", "web"] })))[2]).toContain(" reader ");
  });

  test("where it is mounted, and not where another mount hides it", async () => {
    made(bench.file("app/data/app.db"), 3);
    made(join(bench.volume("web_data"), "app.db"), 5);
    const whole = mounted(bench.file("app"), "app");
    const volume = {
      type: "volume",
      name: "web_data",
      source: join(bench.folder, "docker/volumes/web_data"),
      target: join(inside, "app/data"),
    } as const;
    bench.container("web", { tools: [tool], project: "web", mounts: [whole, volume] });
    bench.container("worker", { tools: [tool], mounts: [{ ...whole, target: join(inside, "app") }] });
    expect(await doneBy(bench.site(bench.file("app/data/app.db"), { containers: ["web"] }), tool)).toEqual([0, 3, "host"]);
    expect((await doneBy(bench.site(bench.file("app/data/app.db"), { containers: ["web", "worker"] })))[2]).toContain(" worker ");
  });

  test("in a volume, as Docker calls it or as the compose file does", async () => {
    const source = bench.volume("legal_data");
    made(join(source, "sub/app.db"), 2);
    const mount = { ...mounted(source, "data"), type: "volume", name: "legal_data" } as const;
    bench.container("legal-web-1", { project: "legal", tools: [tool], mounts: [mount] });
    for (const volume of ["data", "legal_data"]) {
      const site = bench.site("/sub/app.db", { volume, containers: ["legal-web-1"] });
      expect(await doneBy(site)).toEqual([0, 2, expect.stringContaining(join(inside, "data/sub/app.db"))]);
    }
    const foreign = bench.site("/sub/app.db", { volume: "other", containers: ["legal-web-1"] });
    expect((await doneBy(foreign))[0]).not.toBe(0);
  });

  test("in a volume that no container is left of, by the host or by the declared image", async () => {
    made(join(bench.volume("legal_data"), "app.db"), 4);
    bench.image("helper", [tool]);
    const site = bench.site("app.db", { volume: "data", project: "legal", helper: "helper" });
    expect(await doneBy(site, tool)).toEqual([0, 4, "host"]);
    const [status, count, by] = await doneBy(site);
    expect([status, count]).toEqual([0, 4]);
    expect(by).toMatch(
      /^run --rm -i --network none --log-driver none .*--mount type=volume,"source=legal_data",target=\/tend .* helper /,
    );
  });

  test("by the host where the containers have no tool", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { mounts: [mounted(bench.data, "data")] });
    expect(await doneBy(bench.site(path, { containers: ["web"] }), tool)).toEqual([0, 1, "host"]);
  });

  test("by the image of a stopped container, as its user, where the host has no tool", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { status: "exited", user: "1000:1000", tools: others, mounts: [mounted(bench.data, "data")] });
    const [status, count, by] = await doneBy(bench.site(path, { containers: ["web"] }));
    expect([status, count]).toEqual([0, 1]);
    expect(by).toMatch(/^run .*--network none .*--user 1000:1000 --mount type=bind,"source=.*data",target=\/tend --entrypoint /);
  });

  test("by the declared image where nothing else has a tool, in a folder of any name", async () => {
    const path = made(bench.file(`it's, "so" named/app.db`));
    bench.image("helper", [tool]);
    bench.container("web", { mounts: [mounted(dirname(path), "data")] });
    expect((await doneBy(bench.site(path, { containers: ["web"], helper: "helper" }))).slice(0, 2)).toEqual([0, 1]);
  });

  test("through a symbolic link on the host", async () => {
    made(bench.file("disk/data/app.db"));
    symlinkSync("disk", bench.file("srv"));
    bench.container("web", { tools: [tool], mounts: [mounted(bench.file("disk/data"), "data")] });
    expect((await doneBy(bench.site(bench.file("srv/data/app.db"), { containers: ["web"] })))[2]).toContain(" web ");
  });

  test("by nobody else when the file alone is mounted: its log is inside that container", async () => {
    const path = made(bench.file("app.db"));
    const alone = mounted(path, "app.db");
    bench.image("helper", [tool]);
    bench.container("web", { mounts: [alone] });
    const site = bench.site(path, { containers: ["web"], helper: "helper" });
    expect((await doneBy(site, tool))[0]).toBe(SQLITE_STATUS.needsStop);
    bench.container("web", { status: "exited", mounts: [alone] });
    expect(await doneBy(site, tool)).toEqual([0, 1, "host"]);
    mkdirSync(join(bench.folder, "docker/web.layer", dirname(alone.target)), { recursive: true });
    writeFileSync(join(bench.folder, "docker/web.layer", `${alone.target}-wal`), "x");
    expect((await doneBy(site, tool))[0]).toBe(SQLITE_STATUS.needsStop);
  });
});

describe("of a stopped app, without any tool,", () => {
  const plain = (site: SqliteSite) => bench.run(takeStopped(site), { tools: "" });

  test("the plain file is the copy", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { status: "exited", mounts: [mounted(bench.data, "data")] });
    const ran = await plain(bench.site(path, { containers: ["web"] }));
    expect([ran.status, ran.stderr, ran.about]).toEqual([0, "", '{"journal":"delete"}\n']);
    writeFileSync(bench.file("copy.db"), ran.stdout);
    expect(new DatabaseSync(bench.file("copy.db")).prepare("SELECT a FROM t").all()).toHaveLength(1);
  });

  test("there is none while the app runs, or when it left a log", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { mounts: [mounted(bench.data, "data")] });
    const running = await plain(bench.site(path, { containers: ["web"] }));
    expect([running.status, running.stderr]).toEqual([
      SQLITE_STATUS.inUse,
      `error: web has ${path} mounted and is still running\n`,
    ]);
    writeFileSync(bench.file("app.db-wal"), "frames");
    const logged = await plain(bench.site(path));
    expect([logged.status, logged.stdout.length]).toEqual([SQLITE_STATUS.needsTool, 0]);
  });
});

describe("a restore", () => {
  test("is refused while a container that mounts it runs", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { mounts: [mounted(bench.data, "data")] });
    writeFileSync(`${path}.tend-r7k2p`, "x");
    const ran = await bench.run(swapIn(bench.site(path, { containers: ["web"] })));
    expect([ran.status, ran.stderr]).toEqual([SQLITE_STATUS.inUse, `error: web has ${path} mounted and is still running\n`]);
  });

  test("goes by a container of the app's own image where the host can't reach a volume", async () => {
    const source = bench.volume("legal_data");
    made(join(source, "app.db"));
    const mount = { source: join(bench.folder, "unreachable"), target: "/data", type: "volume", name: "legal_data" } as const;
    bench.container("web", { status: "exited", user: "1000", project: "legal", mounts: [mount] });
    const payload = Buffer.alloc(0);
    const expected = { bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" };
    const ran = await bench.run(
      place(bench.site("/app.db", { volume: "data", containers: ["web"], project: "legal" }), expected),
      { stdin: payload },
    );
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(bench.commands.at(-1)).toMatch(
      /^run .*--user 0 --mount type=volume,"source=legal_data",target=\/tend --entrypoint sh web /,
    );
  });
});

describe("what a plan is made of", () => {
  const facts = async (site: SqliteSite, tools: Tool | "" = "") => {
    const { script, read } = sqliteProbe(site);
    const ran = await bench.run(script, { tools });
    return read({ exit: ran.status ?? 1, stdout: ran.stdout.toString(), stderr: ran.stderr });
  };

  test("says who reads it, how large it is, how it keeps its journal, and who has it", async () => {
    const path = made(bench.file("app.db"));
    bench.container("web", { tools: [tool], mounts: [mounted(bench.data, "data")] });
    const found = await facts(bench.site(path, { containers: ["web"] }));
    expect(found).toMatchObject({
      tool: `${tool} in web`,
      size: 8192,
      log: 0,
      journal: "delete",
      open: false,
      path,
      users: ["web"],
      alone: [],
    });
    expect(found.free).toBeGreaterThan(0);
    expect(found.trouble).toBeUndefined();
  });

  test("says that somebody has it open, with its log", async () => {
    const db = new DatabaseSync(bench.file("app.db"));
    db.exec("PRAGMA journal_mode=wal; CREATE TABLE t(a)");
    expect(await facts(bench.site(bench.file("app.db")), tool)).toMatchObject({
      tool: `${tool} on the host`,
      journal: "wal",
      open: true,
    });
    db.close();
  });

  test("says that it has to be stopped, and that there is none yet", async () => {
    const found = await facts(bench.site(bench.file("app.db")));
    expect([found.tool, found.size, found.journal, found.users]).toEqual([undefined, undefined, undefined, []]);
  });
});
