import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LogFile } from "./log-file.ts";

const PROGRAM = fileURLToPath(new URL("./main.ts", import.meta.url));

describe("the front", { timeout: 30_000 }, () => {
  let folder: string;
  let port: number;
  let daemon: ChildProcess;
  const servers: Server[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "front-"));
    port = await freePort();
    daemon = spawn(process.execPath, [PROGRAM, "serve", folder, String(port), "--address", "127.0.0.1"], { stdio: "inherit" });
    for (let tries = 0; tries < 200 && !(await listens(port)); tries += 1) await delay(50);
  });
  afterAll(async () => {
    daemon.kill();
    await once(daemon, "exit");
    rmSync(folder, { recursive: true });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  const file = (name: string) => join(folder, "fronts", String(port), name);
  const state = () => JSON.parse(readFileSync(file("state.json"), "utf8"));
  async function tell(target: unknown): Promise<void> {
    writeFileSync(file("target.json"), JSON.stringify(target));
    daemon.kill("SIGHUP");
    for (let tries = 0; tries < 200 && JSON.stringify(state().target) !== JSON.stringify(target); tries += 1) await delay(10);
    expect(state().target).toEqual(target);
  }
  async function upstream(answer: Parameters<typeof createServer>[1], at = 0): Promise<number> {
    const server = createServer(answer);
    servers.push(server);
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
  const ask = (path = "/", options: RequestInit & { duplex?: "half" } = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);

  it("says 503 when nobody has answered for 2 s", async () => {
    const began = performance.now();
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.text()).toBe("503: nothing answers here at the moment\n");
    expect(performance.now() - began).toBeGreaterThan(1900);
  });

  it("passes a request and its answer as they are, and says who asked", async () => {
    await tell({
      process: "a",
      port: await upstream((incoming, response) => {
        response.writeHead(
          207,
          "Several",
          [
            ["Set-Cookie", "a=1"],
            ["Set-Cookie", "b=2"],
            ["X-Own", "yes"],
          ].flat(),
        );
        response.end(JSON.stringify({ url: incoming.url, method: incoming.method, headers: incoming.headers }));
      }),
    });
    const answer = await ask("/a//b?c=%20d", {
      headers: { cookie: "k=v", "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https" },
    });
    expect([answer.status, answer.statusText]).toEqual([207, "Several"]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await answer.json()).toMatchObject({
      url: "/a//b?c=%20d",
      method: "GET",
      headers: {
        host: `127.0.0.1:${port}`,
        cookie: "k=v",
        "x-forwarded-for": "192.0.2.1, 127.0.0.1",
        "x-forwarded-proto": "https",
      },
    });
    const head = await ask("/", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([207, ""]);
  });

  it("streams both ways: the first words arrive before the last are written", async () => {
    await tell({ process: "echo", port: await upstream((incoming, response) => incoming.pipe(response)) });
    const asked = request({ port, method: "POST", headers: { "transfer-encoding": "chunked" } });
    asked.write("first");
    const [answer] = await once(asked, "response");
    const [chunk] = await once(answer, "data");
    expect(String(chunk)).toBe("first");
    const rest = text(answer);
    asked.end("x".repeat(5_000_000));
    expect((await rest).length).toBe(5_000_000);
  });

  it("keeps a client's connection over a switch, and lets the former process finish", async () => {
    const slow = await upstream((_, response) => setTimeout(() => response.end("old"), 400));
    await tell({ process: "old", port: slow });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const one = () =>
      new Promise<string>((resolve, reject) =>
        request({ port, agent }, (answer) => resolve(text(answer)))
          .on("error", reject)
          .end(),
      );
    const first = one();
    const other = ask().then((answer) => answer.text());
    await delay(100);
    await tell({ process: "new", port: await upstream((_, response) => response.end("new")) });
    expect(state().inFlight[slow]).toBe(2);
    expect(await ask().then((answer) => answer.text())).toBe("new");
    expect([await first, await other]).toEqual(["old", "old"]);
    expect(await one()).toBe("new");
    expect(Object.values(agent.sockets).flat().length + Object.values(agent.freeSockets).flat().length).toBe(1);
    await delay(60);
    expect(state().inFlight[slow] ?? 0).toBe(0);
    agent.destroy();
  });

  it("tries again what was refused, a POST with its whole body too", async () => {
    const target = await freePort();
    await tell({ process: "late", port: target });
    const answer = ask("/", { method: "POST", body: "x".repeat(300_000) });
    await delay(500);
    await upstream(async (incoming, response) => response.end(String((await text(incoming)).length)), target);
    expect(await (await answer).text()).toBe("300000");
  });

  it("lets requests wait while it is told to", async () => {
    await tell({ pausedUntil: Date.now() + 8000 });
    const answer = ask().then((given) => given.text());
    await delay(2500);
    await tell({ process: "back", port: await upstream((_, response) => response.end("back")) });
    expect(await answer).toBe("back");
  });

  it("doesn't pass off a part of an answer as the whole", async () => {
    await tell({
      process: "dies",
      port: await upstream((_, response) => {
        response.write("half");
        setTimeout(() => response.destroy(), 50);
      }),
    });
    await expect(ask().then((answer) => answer.text())).rejects.toThrow();
  });

  it("says 502 when the process hangs up on a request that it has taken", async () => {
    let taken = 0;
    await tell({
      process: "rude",
      port: await upstream((incoming) => {
        taken += 1;
        incoming.socket.destroy();
      }),
    });
    expect((await ask("/", { method: "POST", body: "x" })).status).toBe(502);
    expect(taken).toBe(1);
  });

  it("passes a connection on that becomes something else", async () => {
    const server = createNetServer((socket) => {
      socket.once("data", (head) => {
        expect(String(head)).toMatch(/^GET \/ws HTTP\/1.1\r\n.*upgrade: echo/is);
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
        socket.pipe(socket);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await tell({ process: "ws", port: (server.address() as AddressInfo).port });
    const asked = request({ port, path: "/ws", headers: { connection: "Upgrade", upgrade: "echo" } }).end();
    const [, socket] = await once(asked, "upgrade");
    socket.write("hello");
    expect(String((await once(socket, "data"))[0])).toBe("hello");
    socket.destroy();
    server.close();
  });
});

describe("a log file", () => {
  it("gives each line its time, whatever the chunks, and mixes no lines of two streams", () => {
    const folder = mkdtempSync(join(tmpdir(), "log-"));
    const log = new LogFile(join(folder, "logs/web.log"));
    const [out, err] = [log.stream(), log.stream()];
    out.write(Buffer.from("one\ntw"));
    err.write(Buffer.from("trouble\n"));
    out.write(Buffer.from("o\n\nünf"));
    out.end();
    const lines = readFileSync(join(folder, "logs/web.log"), "utf8").split("\n");
    expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ""))).toEqual([
      "one",
      "trouble",
      "two",
      "",
      "ünf",
      "",
    ]);
    rmSync(folder, { recursive: true });
  });
});

async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
