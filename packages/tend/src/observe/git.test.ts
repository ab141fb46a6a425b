import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GitRef, gitRef } from "../model/names.ts";
import { box } from "../plan/testing.ts";
import { sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import { type CodeFacts, codeProbe } from "./git.ts";
import { observe } from "./observe.ts";

const local = new LocalTransport(box);
let folder = "";
let author = "";
let checkout = "";

function git(cwd: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=Anna", "-c", "user.email=anna@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Commits a change and pushes it; answers the commit. */
function publish(text: string, branch = "main"): string {
  writeFileSync(join(author, "compose.yaml"), `${text}\n`);
  git(author, "add", ".");
  git(author, "commit", "-qm", text);
  git(author, "push", "-q", "--force", "origin", `HEAD:refs/heads/${branch}`);
  return git(author, "rev-parse", "HEAD");
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-git-"));
});
beforeEach(() => {
  for (const name of ["origin.git", "author", "checkout"]) rmSync(join(folder, name), { recursive: true, force: true });
  [author, checkout] = [join(folder, "author"), join(folder, "checkout")];
  git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git");
  git(folder, "clone", "-q", "origin.git", "author");
  git(author, "checkout", "-q", "-b", "main");
  publish("first");
  git(folder, "clone", "-q", "origin.git", "checkout");
});
afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

async function look(ref?: string): Promise<{ code: CodeFacts | undefined; trouble?: string }> {
  const branch = gitRef.parse("main") as GitRef;
  const { seen } = await observe(local, sh`export LC_ALL=C`, {
    seen: codeProbe(sh`${checkout}`, { branch, ref, files: ["compose.yaml"] }),
  });
  return seen;
}

describe("a checkout on the host", () => {
  test("that is up to date has nowhere to go", async () => {
    const { code } = await look();
    expect(code).toMatchObject({
      branch: "main",
      subject: "first",
      dirty: [],
      target: { commit: code?.head, ahead: 0, behind: 0, changed: [] },
    });
  });

  test("knows the newest commit and its distance without having moved", async () => {
    const before = git(checkout, "for-each-ref");
    publish("second");
    const newest = publish("third");
    const { code } = await look();
    expect(code?.target).toEqual({ commit: newest, subject: "third", ahead: 2, behind: 0, changed: ["compose.yaml"] });
    expect(git(checkout, "for-each-ref")).toBe(before);
    expect(git(checkout, "status", "--porcelain")).toBe("");
  });

  test("lists tracked files that somebody changed, and leaves untracked ones out", async () => {
    writeFileSync(join(checkout, "compose.yaml"), "by hand\n");
    writeFileSync(join(checkout, "new file"), "x\n");
    expect((await look()).code?.dirty).toEqual([" M compose.yaml"]);
  });

  test("has a commit of its own: it is behind and ahead at once", async () => {
    git(checkout, "commit", "-q", "--allow-empty", "-m", "by hand");
    publish("second");
    expect((await look()).code?.target).toMatchObject({ ahead: 1, behind: 1 });
  });

  test("goes to a branch, a tag or a commit by name", async () => {
    const second = publish("second", "feature/x");
    git(author, "tag", "-a", "v1", "-m", "v1");
    git(author, "push", "-q", "origin", "v1");
    for (const name of ["feature/x", "v1", second]) expect((await look(name)).code?.target?.commit, name).toBe(second);
    expect((await look(second.slice(0, 9))).code?.target?.commit).toBe(second);
  });

  test("that is detached has no branch", async () => {
    git(checkout, "checkout", "-q", "--detach");
    expect((await look()).code).toMatchObject({ branch: undefined, target: { ahead: 0 } });
  });

  test("doesn't find what isn't there, and keeps git's words", async () => {
    const { code, trouble } = await look("nope");
    expect(code).toMatchObject({ target: undefined });
    expect(trouble).toBeTruthy();
  });

  test("whose origin is gone is known as far as it goes", async () => {
    rmSync(join(folder, "origin.git"), { recursive: true });
    const { code, trouble } = await look();
    expect(code?.subject).toBe("first");
    expect(trouble ?? code?.trouble ?? "found").toBeTruthy();
  });
});

test("a folder that is no checkout has no code", async () => {
  rmSync(join(checkout, ".git"), { recursive: true });
  const { code, trouble } = await look();
  expect(code).toBeUndefined();
  expect(trouble).toContain("not a git repository");
});
