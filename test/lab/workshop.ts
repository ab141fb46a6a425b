import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lab, on, type Result, run } from "./lab.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const TEND = join(ROOT, "packages/tend/bin/tend.js");

/** A user's own machine: a declaration, an ssh config, working copies of their apps; and tend. */
export class Workshop {
  readonly folder: string;
  #env: NodeJS.ProcessEnv = {};
  #within: readonly string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), "tend-workshop-")));
    await workshop.sshAliases({});
    return workshop;
  }

  /** Names that the user's ssh config has, each for a lab host or an address of its own. */
  async sshAliases(aliases: Readonly<Record<string, string>>, user = "root", port?: number): Promise<void> {
    const own = Object.entries(aliases).map(
      ([alias, address]) =>
        `Host ${alias}\n  HostName ${port === undefined ? address : `127.0.0.1\n  Port ${port}`}\n  HostKeyAlias ${address}\n  User ${user}\n  ConnectTimeout 3\n`,
    );
    const file = join(this.folder, "ssh_config");
    const theirs = (await readFile(lab().sshConfig, "utf8")).replace(
      /^Host (10\.\d.*)$/m,
      `Host $1 ${Object.keys(aliases).join(" ")}`,
    );
    await writeFile(file, `${own.join("")}${theirs}`);
    this.#env = { ...process.env, TEND_SSH_CONFIG: file, NO_COLOR: "1" };
  }

  /** Addresses that the user's machine has for names, as lines of /etc/hosts; for tend alone, and none again. */
  async names(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) this.#within = [];
    else {
      await this.write("hosts", ["127.0.0.1 localhost", ...lines, ""].join("\n"));
      const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
      this.#within = ["unshare", "--mount", "sh", "-c", script, join(this.folder, "hosts")];
    }
  }

  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(join(this.folder, name, ".."), { recursive: true });
    await writeFile(join(this.folder, name), text);
  }

  async edit(name: string, change: (text: string) => string): Promise<void> {
    await this.write(name, change(await readFile(join(this.folder, name), "utf8")));
  }

  /** One of the examples, to be changed and pushed. */
  async example(name: string): Promise<string> {
    const folder = join(this.folder, name);
    await cp(join(ROOT, "examples", name), folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
    return folder;
  }

  /** The example as the user would have it: hosts under the lab's names, the proxy under its address. */
  async declare(example: string, change: (yaml: string) => string): Promise<void> {
    await this.write("tend.yaml", change(await readFile(join(ROOT, "examples", example, "tend.yaml"), "utf8")));
  }

  /** skriptoteket's declaration, with the proxy at its own address: its name is in no DNS. */
  declareSkriptoteket(address: string, proxy: string, ssh: readonly string[], change = (yaml: string) => yaml): Promise<void> {
    return this.declare("skriptoteket", (yaml) =>
      change(yaml)
        .replace("ssh: [hemma-local, hemma]", `ssh: [${ssh.join(", ")}]`)
        .replace("kind: nginx-proxy, container: nginx-proxy,", `kind: ${proxy}, container: ${proxy}, url: "http://${address}",`),
    );
  }

  tend(...args: readonly string[]): Promise<Result> {
    return run([...this.#within, process.execPath, TEND, ...args], { cwd: this.folder, env: this.#env });
  }

  /** Runs tend and hands its process over, to be watched and killed. */
  spawnTend(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [TEND, ...args], { cwd: this.folder, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A repository on a lab host, fed from a working copy in the workshop, as a forge would be. */
export class Origin {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #host: string;
  readonly path: string;

  private constructor(folder: string, env: NodeJS.ProcessEnv, host: string, path: string) {
    this.#folder = folder;
    this.#env = env;
    this.#host = host;
    this.path = path;
  }

  static async create(workshop: Workshop, host: string, name: string, folder: string): Promise<Origin> {
    const path = `/srv/git/${name}.git`;
    await on(host, `rm -rf ${path} && git init --quiet --bare --initial-branch=main ${path}`);
    const origin = new Origin(folder, workshop.env, host, path);
    await origin.#git("init", "--quiet", "--initial-branch=main");
    await origin.#git("config", "user.name", "Anna");
    await origin.#git("config", "user.email", "anna@example.org");
    await origin.commit("First version");
    return origin;
  }

  /** Commits what the working copy has and pushes it; answers the commit. */
  async commit(message: string): Promise<string> {
    await this.#git("add", "--all");
    await this.#git("commit", "--quiet", "--allow-empty", "--message", message);
    await this.#git("push", "--quiet", "--force", `ssh://${this.#host}${this.path}`, "HEAD:main");
    return (await this.#git("rev-parse", "HEAD")).trim();
  }

  async #git(...args: readonly string[]): Promise<string> {
    const result = await run(["git", ...args], {
      cwd: this.#folder,
      env: { ...this.#env, GIT_SSH_COMMAND: `ssh -F ${this.#env["TEND_SSH_CONFIG"]}` },
    });
    if (result.exit !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }
}
