import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { processes, readProc } from "./processes.ts";
import { runtimeContract } from "./runtime.ts";
import { type RuntimeFixture, Subject } from "./runtime-harness.ts";

runtimeContract("process", makeFixture);

const APP = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const version = readFileSync(new URL("./VERSION", import.meta.url), "utf8").trim();
const broken = readFileSync(new URL("./BROKEN", import.meta.url), "utf8").trim();
if (broken) { console.log("starting"); console.error("Error: " + broken); console.error("Error: and what follows from it"); process.exit(1); }
const server = createServer((request, response) => response.end(request.url === "/version" ? version : "ok"));
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("serving " + version));
process.on("SIGTERM", () => { server.close(() => process.exit(0)); });
`;

/** An origin, a checkout and a declaration in a folder of their own. */
async function makeFixture(): Promise<RuntimeFixture> {
  const folder = mkdtempSync(join(tmpdir(), "tend-runtime-"));
  const [origin, work, checkout, state] = ["origin.git", "work", "checkout", "state"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const git = (cwd: string, ...argv: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false", ...argv], {
      cwd,
      stdio: "pipe",
    });
  const publish = async (version: string, { broken = "" }: { readonly broken?: string } = {}) => {
    writeFileSync(join(work, "VERSION"), `${version}\n`);
    writeFileSync(join(work, "BROKEN"), `${broken}\n`);
    git(work, "add", ".");
    git(work, "commit", "--quiet", "--message", `version ${version}`);
    git(work, "push", "--quiet", "origin", "main");
    return {};
  };
  const setSeason = async (season: string) =>
    writeFileSync(join(checkout, ".env"), `# the season\nSEASON="${season}"\n`, { mode: 0o600 });

  mkdirSync(work);
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git(work, "init", "--quiet", "--initial-branch=main");
  git(work, "remote", "add", "origin", origin);
  writeFileSync(join(work, "main.mjs"), APP);
  writeFileSync(join(work, ".gitignore"), ".env\n");
  await publish("zero");
  git(folder, "clone", "--quiet", "--branch", "main", origin, checkout);
  await setSeason("spring");

  const port = await freePort();
  const declaration = join(folder, "tend.yaml");
  writeFileSync(
    declaration,
    `fleet: test
hosts:
  here: { local: true, state: ./state }
apps:
  shop:
    host: here
    runtime: process
    path: ./checkout
    source: { git: main }
    env: { GREETING: hello, PATH: "${process.env["PATH"]}" }
    services:
      web: { run: node main.mjs, port: ${port}, route: { domain: localhost }, probe: /health, deadline: 20s, drain: 5s }
`,
  );
  const fixture: RuntimeFixture = {
    declaration,
    app: "shop",
    url: `http://127.0.0.1:${port}`,
    publish,
    setSeason,
    close: async () => {
      const subject = new Subject(fixture);
      await subject.power("stop");
      await subject.close();
      const left = processes().filter(
        ({ pid }) => readProc(pid, "cmdline").includes(folder) || readProc(pid, "environ").includes(folder),
      );
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      expect(left.map(({ pid }) => readProc(pid, "cmdline"))).toEqual([]);
    },
  };
  return fixture;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
