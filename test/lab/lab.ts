import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Lab {
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly sshConfig: string;
  readonly registry: { readonly address: string; readonly user: string; readonly password: string };
  readonly ca: string;
  /** The engine that the hosts run in, and a docker command. */
  readonly engine: { readonly socket: string; readonly client: string };
}

/** The lab that `lab/up` brought up. */
export function lab(): Lab {
  const file = `${process.env["TEND_LAB_RUN"] ?? "/run/tend-lab"}/lab.json`;
  return JSON.parse(readFileSync(file, "utf8")) as Lab;
}

export interface Result {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Its output is kept, whatever it exits with. */
export function run(
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const [program, ...rest] = argv as [string, ...string[]];
    const child = spawn(program, rest, { cwd: options.cwd, env: options.env ?? process.env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ exit: code ?? (signal ? 137 : 1), stdout, stderr }));
    // A program that ends without reading is none of the test's business.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** A script on a lab host, as root; throws when it fails, with what it said. */
export async function on(host: string, script: string, input?: string): Promise<string> {
  const result = await run(["ssh", "-F", lab().sshConfig, host, script], { input });
  if (result.exit !== 0) throw new Error(`on ${host}: ${script}\nexit ${result.exit}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** A text as one word of a script. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** On a lab host, past its sshd. */
export async function inside(host: string, ...command: readonly string[]): Promise<void> {
  const { client, socket } = lab().engine;
  const result = await run([client, "--host", `unix://${socket}`, "exec", host, ...command]);
  if (result.exit !== 0) throw new Error(`in ${host}: ${command.join(" ")}\n${result.stdout}${result.stderr}`);
}

/** The hosts share their registries: each has names of its own there, so that scenarios side by side don't move each other's tags. */
export function imagesOf(host: string): { readonly legal: string; readonly quartermaster: string } {
  return { legal: `ghcr.io/${host}`, quartermaster: `${lab().registry.address}/${host}` };
}

/** `lab/host`: hosts come up, go down and are made anew. */
export async function labHost(...args: readonly string[]): Promise<void> {
  const result = await run([fileURLToPath(new URL("../../lab/host", import.meta.url)), ...args]);
  if (result.exit !== 0) throw new Error(`lab/host ${args.join(" ")}: ${result.stdout}${result.stderr}`);
}

/** The host as it was made: no containers, no images but the lab's own. About a second. */
export async function freshHost(name: string): Promise<void> {
  await labHost("reset", name);
}

/** Scenarios run side by side, each worker on a host of its own; TEND_LAB_HOST names one, to run a single file by hand. */
export function labHostOfThisWorker(): string {
  return process.env["TEND_LAB_HOST"] ?? `h${process.env["VITEST_POOL_ID"] ?? 1}`;
}
