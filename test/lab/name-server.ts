import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./lab.ts";

const KNOTD = ["/usr/sbin/knotd", "/usr/bin/knotd"].find((path) => existsSync(path));

/** In CI it has to be there; by hand, whoever hasn't got Debian's knot and knot-dnsutils does without these tests. */
export const hasKnot = KNOTD !== undefined || process.env["CI"] !== undefined;

export interface Zone {
  readonly name: string;
  /** Its records but SOA and NS, as a zone file has them. */
  readonly records: string;
}

/** A real name server (knot) on the loop, with a TSIG key that may update its zones. */
export class NameServer {
  readonly port: number;
  readonly secret: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.secret = randomBytes(32).toString("base64");
  }

  /** As a second server where `of` is given: it has its zones from that one. */
  static async start(zones: readonly Zone[], of?: NameServer): Promise<NameServer> {
    const server = new NameServer(await mkdtemp(join(tmpdir(), "tend-knot-")), await freePort());
    await server.serve(zones, of);
    return server;
  }

  /** `127.0.0.1:PORT`, as the declaration has it. */
  get at(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Serves these zones from now on, on the same port. */
  async serve(zones: readonly Zone[], of?: NameServer): Promise<void> {
    await this.stop();
    await rm(join(this.#folder, "db"), { recursive: true, force: true });
    await mkdir(join(this.#folder, "db"));
    for (const { name, records } of zones) await writeFile(join(this.#folder, `${name}.zone`), of ? "" : zoneFile(name, records));
    await writeFile(join(this.#folder, "knot.conf"), this.#configuration(zones, of));
    if (of) for (const { name } of zones) await rm(join(this.#folder, `${name}.zone`));
    this.#process = spawn(KNOTD ?? "knotd", ["-c", join(this.#folder, "knot.conf")], { stdio: "ignore" });
    const first = zones[0]?.name;
    for (let tries = 0; tries < 100; tries += 1) {
      if (first === undefined || (await this.ask(first, "SOA")).includes(" ")) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("knotd doesn't answer");
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What it says of a name: a line for each record. */
  async ask(name: string, type: string): Promise<string> {
    return (
      await run(["kdig", "+short", "+timeout=1", "+retry=0", "@127.0.0.1", "-p", `${this.port}`, name, type])
    ).stdout.trim();
  }

  /** Changes records as somebody else would: `del NAME A`, `add NAME 60 A 198.51.100.4`. */
  async change(zone: string, ...lines: readonly string[]): Promise<void> {
    const input = [`server 127.0.0.1 ${this.port}`, `zone ${zone}.`, ...lines, "send", ""].join("\n");
    const { exit, stdout, stderr } = await run(["knsupdate", "-y", `hmac-sha256:tend:${this.secret}`], { input });
    if (exit !== 0) throw new Error(`knsupdate: ${stdout}${stderr}`);
  }

  #configuration(zones: readonly Zone[], of: NameServer | undefined): string {
    return `server:
    listen: 127.0.0.1@${this.port}
    rundir: ${this.#folder}
    tcp-workers: 2
    udp-workers: 1
    background-workers: 1
database:
    storage: ${this.#folder}/db
    journal-db-max-size: 8M
    kasp-db-max-size: 8M
    timer-db-max-size: 8M
key:
  - id: tend
    algorithm: hmac-sha256
    secret: ${this.secret}
remote:
${of ? `  - id: first\n    address: 127.0.0.1@${of.port}` : this.#seconds.map((port, at) => `  - id: second-${at}\n    address: 127.0.0.1@${port}`).join("\n") || "  - id: none\n    address: 127.0.0.1@9"}
acl:
  - id: change
    key: tend
    action: update
  - id: copy
    address: 127.0.0.1
    action: [transfer, notify]
zone:
${zones.map(({ name }) => `  - domain: ${name}\n    storage: ${this.#folder}\n    file: ${name}.zone\n    acl: [change, copy]\n${of ? "    master: first" : this.#seconds.map((_, at) => `    notify: second-${at}`).join("\n")}`).join("\n")}
`;
  }

  /** Ports of the second servers that are told of every change. */
  #seconds: readonly number[] = [];

  /** A second server that is told of every change of this one's zones. */
  async second(zones: readonly Zone[]): Promise<NameServer> {
    const port = await freePort();
    this.#seconds = [...this.#seconds, port];
    await this.serve(zones);
    const server = new NameServer(await mkdtemp(join(tmpdir(), "tend-knot-")), port);
    await server.serve(zones, this);
    return server;
  }
}

function zoneFile(name: string, records: string): string {
  return `$ORIGIN ${name === "." ? "" : name}.
$TTL 60
@ SOA ns1 hostmaster 1 60 60 604800 5
@ NS ns1
ns1 A 127.0.0.1
${records}
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
