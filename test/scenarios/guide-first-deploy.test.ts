import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lab, labHostOfThisWorker, run } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { TEND } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();
const GUIDE = join(import.meta.dirname, "../../docs/guide/first-deploy.md");

/** One thing that the guide asks for: a file to write, or commands for `you` or on the `server`. */
interface Block {
  readonly kind: "file" | "you" | "server";
  readonly name: string;
  readonly text: string;
  readonly exit: number;
  /** What it shows, where the guide says so. */
  readonly shows?: string;
}

/** Fenced blocks: ```yaml file=NAME, ```sh on=you|server [exit=N], and ```text shows, which belongs to the one before. */
function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const [, info = "", text = ""] of markdown.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)) {
    const value = (key: string) => new RegExp(`\\b${key}=(\\S+)`).exec(info)?.[1];
    const on = value("on");
    const file = value("file");
    if (file) blocks.push({ kind: "file", name: file, text, exit: 0 });
    if (on === "you" || on === "server") {
      blocks.push({ kind: on, name: text.trim().split("\n").at(-1) ?? "", text, exit: Number(value("exit") ?? 0) });
    }
    const last = blocks.at(-1);
    if (info === "text shows" && last) blocks[blocks.length - 1] = { ...last, shows: text };
  }
  return blocks;
}

/** `…` is anything within its line, alone in a line any number of lines; how many blanks there are doesn't matter. */
function pattern(shows: string): RegExp {
  const lines = plain(shows).split("\n");
  const escaped = lines.map((line) =>
    line === "…"
      ? "(?:[^\\n]*\\n)*?"
      : `${line
          .split("…")
          .map((part) => RegExp.escape(part))
          .join("[^\\n]*")}\\n`,
  );
  return new RegExp(`^${escaped.join("")}$`);
}

function plain(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s+/g, " "))
    .join("\n");
}

describe("the guide to a first deploy, word for word", async () => {
  const blocks = blocksOf(await readFile(GUIDE, "utf8"));
  let app: Skriptoteket;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    folder = join(app.workshop.folder, "skriptoteket");
    env = { ...app.workshop.env, TEND_BY: "anna", GIT_SSH_COMMAND: `ssh -F ${app.workshop.env["TEND_SSH_CONFIG"]}` };
    env["PATH"] = [join(app.workshop.folder, "bin"), env["PATH"]].join(delimiter);
    await mkdir(join(app.workshop.folder, "bin"));
    await writeFile(join(app.workshop.folder, "bin/tend"), `#!/bin/sh\nexec '${process.execPath}' '${TEND}' "$@"\n`);
    await chmod(join(app.workshop.folder, "bin/tend"), 0o755);
    await run(["git", "remote", "add", "origin", `ssh://${HOST}${app.origin.path}`], { cwd: folder });
  }, 180_000);

  afterAll(() => app?.close());

  /** The guide's people and addresses, as they are called here. */
  const here = (text: string) => text.replaceAll("192.0.2.10", app.address).replaceAll("anna@laptop", `anna@${hostname()}`);

  const execute = (block: Block) => {
    const script = `{ ${block.text}\n} 2>&1`;
    if (block.kind === "server") return run(["ssh", "-F", lab().sshConfig, HOST, script]);
    return run(["sh", "-e", "-c", script], { cwd: folder, env });
  };

  it("has something to follow", () => {
    expect(blocks.filter(({ kind }) => kind === "you").length).toBeGreaterThan(10);
    expect(blocks.filter(({ shows }) => shows).length).toBeGreaterThan(10);
  });

  it.each(blocks)(
    "$kind: $name",
    async (block) => {
      if (block.kind === "file") return writeFile(join(folder, block.name), here(block.text));
      const result = await execute(block);
      expect(result.exit, result.stdout).toBe(block.exit);
      if (block.shows === undefined) return;
      const shown = `${plain(result.stdout)}\n`;
      if (!pattern(here(block.shows)).test(shown)) expect(shown).toBe(plain(here(block.shows)));
    },
    120_000,
  );
});
