import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { commandLine, processes, readProc } from "./processes.ts";
import { type RuntimeFixture, Subject } from "./runtime-harness.ts";

/** What the contract asks of an app. */
export const WEB = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8").trim();
const version = read("./VERSION");
const broken = read("./BROKEN");
if (broken) { console.log("starting"); console.error("Error: " + broken); console.error("Error: and what follows from it"); process.exit(1); }
const server = createServer((request, response) => {
  if (request.url.startsWith("/slow")) return setTimeout(() => response.end(version), 1500);
  if (request.url === "/die") process.exit(3);
  response.end(request.url === "/version" ? version : "ok");
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("serving " + version));
process.on("SIGTERM", () => { server.close(() => process.exit(0)); });
`;

export interface ProcessFixture extends RuntimeFixture {
  readonly folder: string;
  readonly checkout: string;
  readonly port: number;
  /** Pushes files as the next commit. */
  commit(files: Readonly<Record<string, string>>): void;
  /** Runs git in the checkout. */
  git(...argv: string[]): void;
}

interface Options {
  /** As YAML, within the host's braces. */
  readonly host?: string;
  /** As YAML, within the braces of \`services\`; the port is put in for PORT. */
  readonly services?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const SERVICES =
  "web: { run: node main.mjs, port: PORT, route: { domain: localhost }, probe: /health, deadline: 20s, drain: 5s }";

/** An origin, a checkout and a declaration in a folder of their own; at its end, nothing of it may still run. */
export async function processFixture({
  host = "local: true",
  services = SERVICES,
  files = {},
}: Options = {}): Promise<ProcessFixture> {
  const folder = mkdtempSync(join(tmpdir(), "tend-runtime-"));
  const [origin, work, checkout] = [join(folder, "origin.git"), join(folder, "work"), join(folder, "checkout")];
  const git = (cwd: string, ...argv: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false", ...argv], {
      cwd,
      stdio: "pipe",
    });
  const commit = (changed: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(changed)) writeFileSync(join(work, name), text);
    git(work, "add", ".");
    git(work, "commit", "--quiet", "--message", `change ${Object.keys(changed).join(", ")}`);
    git(work, "push", "--quiet", "origin", "main");
  };
  const publish = async (version: string, { broken = "" }: { readonly broken?: string } = {}) => {
    commit({ VERSION: `${version}\n`, BROKEN: `${broken}\n` });
    return {};
  };
  const setSeason = async (season: string) =>
    writeFileSync(join(checkout, ".env"), `# the season\nSEASON="${season}"\n`, { mode: 0o600 });

  mkdirSync(work);
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git(work, "init", "--quiet", "--initial-branch=main");
  git(work, "remote", "add", "origin", origin);
  commit({ "main.mjs": WEB, ".gitignore": ".env\n", VERSION: "zero\n", BROKEN: "\n", ...files });
  git(folder, "clone", "--quiet", "--branch", "main", origin, checkout);
  await setSeason("spring");

  const port = await freePort();
  const declaration = join(folder, "tend.yaml");
  writeFileSync(
    declaration,
    `fleet: test
hosts:
  here: { ${host}, state: ${join(folder, "state")} }
apps:
  shop:
    host: here
    runtime: process
    path: ${checkout}
    source: { git: main }
    env: { GREETING: hello, PATH: "${process.env["PATH"]}" }
    services: { ${services.replaceAll("PORT", String(port))} }
`,
  );
  const fixture: ProcessFixture = {
    declaration,
    app: "shop",
    url: `http://127.0.0.1:${port}`,
    folder,
    checkout,
    port,
    commit,
    git: (...argv) => git(checkout, ...argv),
    publish,
    setSeason,
    close: async () => {
      const subject = new Subject(fixture);
      await subject.power("stop");
      await subject.close();
      const left = await leftIn(folder);
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      expect(left).toEqual([]);
    },
  };
  return fixture;
}

/** Processes that still have to do with a folder, a while after the last word was spoken. */
async function leftIn(folder: string): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const find = () =>
    processes()
      .map(({ pid }) => ({ pid, command: commandLine(pid) }))
      .filter(({ pid, command }) => command.includes(folder) || readProc(pid, "environ").includes(folder))
      // A sshd that a test has brought is the test's to end.
      .filter(({ command }) => !command.startsWith("ssh"));
  for (let tries = 0; tries < 80 && find().length > 0; tries += 1) await delay(100);
  return find();
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
