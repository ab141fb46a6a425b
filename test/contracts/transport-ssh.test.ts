import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { openTransport } from "../../packages/tend/src/transport/index.ts";
import type { Transport } from "../../packages/tend/src/transport/transport.ts";
import { host } from "./hosts.ts";
import { commandLine, descendants, processes } from "./processes.ts";
import { gone, uniqueNap } from "./scripts.ts";
import { missing, Sshd } from "./sshd.ts";
import { transportContract } from "./transport.ts";

const reason = missing();
/** Only a sshd that root runs can give a terminal away. */
const noTerminals = process.getuid?.() !== 0;

describe.skipIf(reason)(`over a real sshd${reason ? ` (skipped: ${reason})` : ""}`, { timeout: 30_000 }, () => {
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

  const open = (...aliases: string[]) => openTransport(host({ kind: "ssh", aliases }));

  /** Opens, uses and closes a transport. */
  async function over<T>(aliases: string[], use: (transport: Transport) => Promise<T>): Promise<T> {
    const transport = await open(...aliases);
    try {
      return await use(transport);
    } finally {
      await transport.close();
    }
  }

  transportContract("ssh", () => open("up"));

  describe("reaches a host", () => {
    it("by the first alias that answers", async () => {
      const via = await over(["down", "silent", "up"], async (transport) => {
        expect((await transport.run(sh`echo hi`)).stdout).toBe("hi\n");
        return transport.via;
      });
      expect(via).toBe("up");
    });

    it("or says what ssh said of each alias", async () => {
      await expect(open("down", "silent", "nowhere.invalid")).rejects.toMatchObject({
        id: "host.unreachable",
        parts: {
          exit: "unreachable",
          help: "ssh down",
          evidence: [
            expect.stringMatching(/^down: ssh: connect to host 127\.0\.0\.1 port \d+: Connection refused$/),
            expect.stringMatching(/^silent: .*Connection timed out during banner exchange|^silent: Connection to .* timed out/),
            expect.stringMatching(/^nowhere\.invalid: ssh: Could not resolve hostname/),
          ],
        },
      });
    });

    it("only with the host key that OpenSSH knows", async () => {
      const error = await open("impostor").catch((caught) => caught);
      expect(error).toMatchObject({ id: "host.unreachable" });
      expect(error.parts.evidence).toContain("impostor: Host key verification failed.");
      expect(error.parts.evidence.join()).toContain("has changed");
    });

    it("within the user's own ConnectTimeout", async () => {
      const started = performance.now();
      await expect(open("silent")).rejects.toThrow();
      expect(performance.now() - started).toBeLessThan(4000);
    });

    it("and says so when ssh isn't there", async () => {
      vi.stubEnv("PATH", "/nowhere");
      await expect(open("up")).rejects.toMatchObject({ id: "host.unreachable" });
      vi.stubEnv("PATH", undefined);
    });
  });

  describe("when the connection breaks", () => {
    it("a script is lost, and the next one runs over a new connection", () =>
      over(["up"], async (transport) => {
        const running = transport.run(sh`sleep 5`);
        const lost = expect(running).rejects.toMatchObject({
          id: "transport.lost",
          parts: { exit: "unreachable", evidence: [expect.stringMatching(/closed by remote host/)] },
        });
        await delay(200);
        sshd.cut();
        await lost;
        expect((await transport.run(sh`echo again`)).stdout).toBe("again\n");
        expect(transport.counters.connections).toBe(2);
      }));

    it("a stream is lost, and tells", () =>
      over(["up"], async (transport) => {
        const channel = transport.stream(sh`echo begun; sleep 5`);
        await new Promise((resolve) => channel.stdout.once("data", resolve));
        sshd.cut();
        await expect(channel.done).rejects.toMatchObject({ id: "transport.lost" });
        expect(await transport.stream(sh`exit 6`).done).toEqual({ exit: 6 });
        expect(transport.counters.connections).toBe(2);
      }));

    it("while nothing runs, nobody notices", () =>
      over(["up"], async (transport) => {
        await transport.run(sh`true`);
        sshd.cut();
        await delay(300);
        expect((await transport.run(sh`echo again`)).stdout).toBe("again\n");
        expect(transport.counters.connections).toBe(2);
      }));

    it("by its own process's death, it is made anew as well", () =>
      over(["up"], async (transport) => {
        const running = transport.run(sh`sleep 5`);
        const lost = expect(running).rejects.toMatchObject({ id: "transport.lost" });
        await delay(200);
        const master = descendants(process.pid).filter((pid) => commandLine(pid).includes(" -M "));
        for (const pid of master) process.kill(pid, "SIGKILL");
        await lost;
        expect((await transport.run(sh`echo again`)).stdout).toBe("again\n");
      }));
  });

  it("makes one connection for 20 streams, a forward and what runs beside them", async () => {
    const before = sshd.logins;
    await over(["up"], async (transport) => {
      const channels = Array.from({ length: 20 }, () => transport.stream(sh`sleep 0.1; echo done`));
      const outputs = await Promise.all(channels.map((channel) => text(channel.stdout)));
      expect(outputs).toEqual(Array(20).fill("done\n"));
      await transport.run(sh`true`);
      expect(transport.counters).toEqual({ connections: 1, roundTrips: 1, streams: 20 });
    });
    expect(sshd.logins - before).toBe(1);
  });

  it("never makes a connection of its own where sshd allows no more sessions", async () => {
    const strict = await Sshd.start("MaxSessions 1");
    vi.stubEnv("TEND_SSH_CONFIG", strict.config);
    await over(["up"], async (transport) => {
      await expect(transport.run(sh`true`)).rejects.toMatchObject({
        id: "transport.lost",
        parts: { evidence: expect.arrayContaining([expect.stringContaining("Session open refused")]) },
      });
      await expect(transport.stream(sh`true`).done).rejects.toMatchObject({ id: "transport.lost" });
    });
    expect(strict.logins).toBe(1);
    vi.stubEnv("TEND_SSH_CONFIG", sshd.config);
    await strict.stop();
  });

  it.skipIf(noTerminals)("gives a script a terminal when asked to", () =>
    over(["up"], async (transport) => {
      const channel = transport.stream(sh`test -t 0 && test -t 1 && echo "it's a terminal"`, { tty: true });
      expect(await text(channel.stdout)).toMatch(/^it's a terminal\r?\n$/);
      expect(await channel.done).toEqual({ exit: 0 });
    }),
  );

  it.skipIf(noTerminals)("takes the terminal away from a script when it is closed", () =>
    over(["up"], async (transport) => {
      const [nap, line] = uniqueNap();
      const channel = transport.stream(sh`echo begun; ${nap}`, { tty: true });
      await new Promise((resolve) => channel.stdout.once("data", resolve));
      channel.close();
      expect(await channel.done).toEqual({ exit: 143 });
      await gone(line);
    }),
  );

  it("shows no script in the arguments of a process", () =>
    over(["up"], async (transport) => {
      const channel = transport.stream(sh`: canary-in-a-script; sleep 0.3; sleep 0.3`);
      const running = transport.run(sh`: canary-in-a-script; sleep 0.3; sleep 0.3`);
      await delay(200);
      expect(
        processes()
          .map(({ pid }) => commandLine(pid))
          .join("\n"),
      ).not.toContain("canary-in-a-script");
      await Promise.all([channel.done, running]);
    }));

  it("leaves neither process nor socket behind", async () => {
    const folders = () => readdirSync(sshd.folder).filter((name) => name.startsWith("tend-"));
    const [before, running] = [folders(), descendants(process.pid)];
    await over(["down", "up"], async (transport) => {
      await transport.run(sh`true`);
      void transport.stream(sh`sleep 3`);
      const socket = await transport.connect({ host: "127.0.0.1", port: sshd.port });
      socket.on("error", () => undefined);
      expect(folders().length).toBe(before.length + 1);
    });
    expect(folders()).toEqual(before);
    expect(descendants(process.pid).filter((pid) => /\bssh\b/.test(commandLine(pid)) && !running.includes(pid))).toEqual([]);
    await vi.waitFor(() => expect(sshd.sessions).toEqual([]), { timeout: 2000 });
  });

  it("leaves no process behind when tend is killed", async () => {
    const tend = spawn(process.execPath, [join(import.meta.dirname, "hold-connection.ts"), "up"]);
    await new Promise((resolve) => tend.stdout.once("data", resolve));
    const clients = descendants(tend.pid ?? 0);
    expect(clients.map(commandLine).filter((line) => line.startsWith("ssh "))).toHaveLength(2);
    tend.kill("SIGKILL");
    const running = () => clients.filter((pid) => commandLine(pid) !== "");
    await vi.waitFor(() => expect([running(), sshd.sessions]).toEqual([[], []]), { timeout: 2000 });
  });
});
