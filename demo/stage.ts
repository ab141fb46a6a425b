import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The one folder that everything is in, and what is in it. */
export interface Stage {
  readonly folder: string;
  readonly declaration: string;
  readonly apps: { readonly frontend: AppOnStage; readonly quartermaster: AppOnStage };
}

export interface AppOnStage {
  readonly name: string;
  readonly url: string;
  /** The team's next version, as a deploy finds it. */
  commit(message: string, change: Change): Promise<void>;
}

export interface Change {
  readonly version: string;
  readonly failsWith?: string;
  /** A migration that comes along: its file's name and its SQL. */
  readonly migration?: readonly [file: string, sql: string];
}

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const FRONTEND_PORT = 8701;

export async function setTheStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "tend-demo-"));
  const port = await freePort(FRONTEND_PORT);
  const ports = { frontend: port, quartermaster: await freePort(port + 1) };
  const text = declaration(folder, ports);
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "tend.yaml"), text);
  await offerTend(folder);
  return {
    folder,
    declaration: text,
    apps: {
      frontend: await putOnStage(folder, "frontend", "examples/legal/frontend", ports.frontend),
      quartermaster: await putOnStage(folder, "quartermaster", "examples/quartermaster", ports.quartermaster),
    },
  };
}

function declaration(folder: string, ports: { readonly frontend: number; readonly quartermaster: number }): string {
  return `fleet: demo
hosts:
  here: { local: true, state: ./state }
apps:
  frontend:
    host: here
    runtime: process
    path: ./server/frontend
    source: { git: main }
    services:
      web: { run: node src/main.ts, port: ${ports.frontend}, route: { domain: frontend.localhost }, probe: /health }
  quartermaster:
    host: here
    runtime: process
    path: ./server/quartermaster
    source: { git: main }
    env: { QUARTERMASTER_DB_URL: "sqlite:///${join(folder, "data", "quartermaster.db")}" }
    services:
      web:
        run: node src/main.ts
        port: ${ports.quartermaster}
        route: { domain: quartermaster.localhost }
        probe: /healthz
        role: single-writer # one SQLite file, one writer
    databases:
      main: { sqlite: ./data/quartermaster.db }
    migrate: { at: start } # the app does it when it starts
    backups: { to: ./backups }
`;
}

/** A repository of its own made from an example, and a checkout of it. */
async function putOnStage(folder: string, name: string, example: string, port: number): Promise<AppOnStage> {
  const team = join(folder, "team", name);
  await cp(join(REPOSITORY, example), team, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|.*\.db.*|\.env)$/.test(path),
  });
  await git(team, "init", "--quiet", "--initial-branch=main");
  await git(team, "add", ".");
  await git(team, "commit", "--quiet", "--message", `${name} 1.0.0`);
  await mkdir(join(folder, "server"), { recursive: true });
  await git(folder, "clone", "--quiet", team, join(folder, "server", name));
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    commit: async (message, { version, failsWith, migration }) => {
      if (migration) {
        const [file, sql] = migration;
        await writeFile(join(team, "migrations", file), sql);
        await git(team, "add", join("migrations", file));
      }
      await writeFile(join(team, "VERSION"), `${version}\n`);
      if (failsWith) {
        const main = join(team, "src/main.ts");
        await writeFile(main, `process.env.FAIL_START = ${JSON.stringify(failsWith)};\n${await readFile(main, "utf8")}`);
      }
      await git(team, "commit", "--quiet", "--all", "--message", message);
    },
  };
}

/** So that `npx tend` works in the folder, with the Node that it needs, whatever the system's own is. */
async function offerTend(folder: string): Promise<void> {
  const bin = join(folder, "node_modules", ".bin");
  await mkdir(bin, { recursive: true });
  const program = join(REPOSITORY, "packages/tend/bin/tend.js");
  await writeFile(join(bin, "tend"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  await symlink(process.execPath, join(bin, "node"));
}

const execute = promisify(execFile);

/** What the machine lacks for the demo, in words. */
export async function whatIsMissing(): Promise<string | undefined> {
  if (!existsSync("/proc/self/stat")) return "processes are kept on Linux only";
  return execute("git", ["--version"]).then(
    () => undefined,
    () => "git was not found, and tend deploys commits",
  );
}

/** Without the person's own settings: a signing key or a hook has no business here. */
async function git(cwd: string, ...argv: readonly string[]): Promise<void> {
  const person = { GIT_AUTHOR_NAME: "The team", GIT_AUTHOR_EMAIL: "team@frontend.example" };
  const env = {
    ...process.env,
    ...person,
    GIT_COMMITTER_NAME: person.GIT_AUTHOR_NAME,
    GIT_COMMITTER_EMAIL: person.GIT_AUTHOR_EMAIL,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  await execute("git", [...argv], { cwd, env });
}

/** This port if it is free, else the next that is. */
function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => (port < 65_000 ? freePort(port + 1).then(resolve, reject) : reject(new Error("no port is free"))));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}
