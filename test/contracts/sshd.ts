import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial, type Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { end } from "../../packages/tend/src/transport/child.ts";
import { commandLine, descendants } from "./processes.ts";

const SSHD = "/usr/sbin/sshd";

/** Why the tests with a real sshd can't run here. On CI they must. */
export function missing(): string | undefined {
  if (existsSync(SSHD)) return undefined;
  if (process.env.CI === "true") throw new Error(`${SSHD} is missing: install openssh-server`);
  return `${SSHD} is missing`;
}

/**
 * A sshd of the test's own on loopback, as the user who runs the test, and a client configuration with these aliases:
 * `up` answers; `down` refuses; `silent` takes the connection and says nothing; `impostor` has another host key.
 */
export class Sshd {
  readonly config: string;
  readonly port: number;
  /** Its own, and a test's that leaves something behind. */
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #silent: Server;
  #log = "";

  static async start(settings = ""): Promise<Sshd> {
    const silent = createServer(() => undefined);
    const closed = createServer();
    const [port, silentPort, closedPort] = [await freePort(), await listen(silent), await listen(closed)];
    closed.close();
    const sshd = new Sshd(silent, { port, silentPort, closedPort }, settings);
    await answers(port);
    return sshd;
  }

  private constructor(silent: Server, ports: { port: number; silentPort: number; closedPort: number }, settings: string) {
    this.#silent = silent;
    this.port = ports.port;
    this.folder = mkdtempSync(join(tmpdir(), "sshd-"));
    const file = (name: string) => join(this.folder, name);
    for (const key of ["host", "other", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
    const key = (name: string) =>
      readFileSync(file(`${name}.pub`), "utf8")
        .split(" ")
        .slice(0, 2)
        .join(" ");
    writeFileSync(file("known"), `[127.0.0.1]:${ports.port} ${key("host")}\n`);
    writeFileSync(file("wrong"), `[127.0.0.1]:${ports.port} ${key("other")}\n`);
    writeFileSync(file("sshd.conf"), serverConfig(file, ports.port, settings));
    this.config = file("ssh.conf");
    writeFileSync(this.config, clientConfig(file, ports));
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    this.#process = spawn(SSHD, ["-D", "-e", "-f", file("sshd.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process.stderr?.on("data", (chunk) => {
      this.#log += chunk;
    });
  }

  /** How many connections sshd has let in. */
  get logins(): number {
    return this.#log.match(/^Accepted /gm)?.length ?? 0;
  }

  /** The processes that serve the connections, but not what runs in them. */
  get sessions(): number[] {
    return descendants(this.#process.pid ?? 0).filter((pid) => /^sshd/.test(commandLine(pid)));
  }

  /** Breaks all connections, without a good-bye. */
  cut(): void {
    for (const pid of this.sessions) process.kill(pid, "SIGKILL");
  }

  async stop(): Promise<void> {
    this.cut();
    this.#silent.close();
    await end(this.#process);
    rmSync(this.folder, { recursive: true });
  }
}

function serverConfig(file: (name: string) => string, port: number, settings: string): string {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey ${file("host")}
AuthorizedKeysFile ${file("user.pub")}
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
${settings}
`;
}

function clientConfig(file: (name: string) => string, ports: { port: number; silentPort: number; closedPort: number }): string {
  const host = (alias: string, port: number, known: string, more = "") => `Host ${alias}
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${file("user")}
  IdentitiesOnly yes
  UserKnownHostsFile ${file(known)}
  GlobalKnownHostsFile none
  ${more}
`;
  return [
    host("up", ports.port, "known"),
    host("impostor", ports.port, "wrong"),
    host("down", ports.closedPort, "known"),
    host("silent", ports.silentPort, "known", "ConnectTimeout 1"),
  ].join("");
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = dial(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (connected) return;
    await delay(50);
  }
  throw new Error("sshd doesn't answer");
}
