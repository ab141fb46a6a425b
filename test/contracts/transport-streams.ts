import { createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lines, type Script, sh } from "../../packages/tend/src/transport/argv.ts";
import type { Transport } from "../../packages/tend/src/transport/transport.ts";
import { gone, MEGABYTE, STRANGE, uniqueNap } from "./scripts.ts";

/** What holds for every script with streams of its own, and for connections. */
export function streams(transport: () => Transport): void {
  const stdout = async (script: Script) => (await transport().run(script)).stdout;

  describe("streams", () => {
    it("what a script reads, writes and ends with", async () => {
      const channel = transport().stream(sh`cat; echo err >&2; exit 3`);
      channel.stdin.end("in");
      const [out, err, { exit }] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.done]);
      expect({ out, err, exit }).toEqual({ out: "in", err: "err\n", exit: 3 });
    });

    it("output as it is written", async () => {
      const channel = transport().stream(sh`echo one; read line; echo "$line"`);
      const output = channel.stdout[Symbol.asyncIterator]();
      expect(String((await output.next()).value)).toBe("one\n");
      channel.stdin.write("two\n");
      expect(String((await output.next()).value)).toBe("two\n");
      expect(await channel.done).toEqual({ exit: 0 });
    });

    it("bytes, unchanged, 20 MB of them", async () => {
      const bytes = Buffer.alloc(20 * MEGABYTE, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
      const channel = transport().stream(sh`cat`);
      channel.stdin.end(bytes);
      const received = Buffer.concat(await channel.stdout.toArray());
      expect(received.equals(bytes)).toBe(true);
    });

    it("for a script that is longer than an argument may be, or has strange words in it", async () => {
      const long = lines([sh`cat`, sh`: ${"x".repeat(300_000)}`, sh`printf '%s\0' ${STRANGE}`]);
      const channel = transport().stream(long);
      channel.stdin.end("in\n");
      expect(await text(channel.stdout)).toBe(`in\n${STRANGE.map((word) => `${word}\0`).join("")}`);
    });

    it.each([0, 1, 127, 255])("a script that ends with %i", async (exit) => {
      expect(await transport().stream(sh`exit ${exit}`).done).toEqual({ exit });
    });

    it("a script that dies by a signal, or never was one", async () => {
      expect(await transport().stream(sh`kill -9 $(sh -c 'echo $PPID')`).done).toEqual({ exit: 137 });
      expect((await transport().stream(sh`echo 'open`).done).exit).toBe(2);
    });

    it("many at a time, beside what runs", async () => {
      const channels = Array.from({ length: 20 }, (_, turn) => transport().stream(sh`sleep 0.05; echo ${turn}`));
      const texts = Promise.all(channels.map((channel) => text(channel.stdout)));
      expect(await stdout(sh`echo beside`)).toBe("beside\n");
      expect(await texts).toEqual(channels.map((_, turn) => `${turn}\n`));
    });

    it("no end of input when its source breaks", async () => {
      const file = (await stdout(sh`mktemp`)).trim();
      const channel = transport().stream(sh`echo begun; cat > ${file}; echo complete >> ${file}`);
      await new Promise((resolve) => channel.stdout.once("data", resolve));
      channel.stdin.write("half of");
      await delay(50);
      channel.stdin.destroy(new Error("the source broke"));
      expect(await channel.done).toEqual({ exit: 143 });
      await delay(100);
      expect(await stdout(sh`cat ${file}; rm ${file}`)).toBe("half of");
    });

    it("until it is closed or told to stop", async () => {
      const closed = transport().stream(sh`while sleep 0.1; do echo tick; done`);
      await new Promise((resolve) => closed.stdout.once("data", resolve));
      closed.close();
      expect(await closed.done).toEqual({ exit: 143 });
      const [nap, line] = uniqueNap();
      const silent = transport().stream(sh`echo begun; ${nap}`);
      await new Promise((resolve) => silent.stdout.once("data", resolve));
      silent.close();
      await gone(line);
      const stopped = transport().stream(sh`sleep 5`, { signal: AbortSignal.timeout(100) });
      expect(await stopped.done).toEqual({ exit: 143 });
      expect(await transport().stream(sh`sleep 5`, { signal: AbortSignal.abort() }).done).toEqual({ exit: 143 });
    });
  });

  describe("connects", () => {
    let server: Server;
    let port = 0;
    beforeAll(async () => {
      server = createServer((socket) => socket.pipe(socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      if (typeof address === "object" && address) port = address.port;
    });
    afterAll(() => {
      server.close();
    });

    it("to an address that the host reaches", async () => {
      const socket = await transport().connect({ host: "127.0.0.1", port });
      socket.end("hello");
      expect(await text(socket)).toBe("hello");
    });

    it("and hangs up", async () => {
      const atServer = new Promise<void>((resolve) =>
        server.once("connection", (socket) => socket.once("close", () => resolve())),
      );
      const socket = await transport().connect({ host: "127.0.0.1", port });
      socket.destroy();
      await atServer;
    });

    it("or says that nothing answers", async () => {
      await expect(transport().connect({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({
        id: "address.unreachable",
        parts: { evidence: [expect.stringMatching(/refused/i)] },
      });
    });
  });
}
