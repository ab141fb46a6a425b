import type { Commit, GitRef } from "../model/names.ts";
import { type Script, sh } from "../transport/argv.ts";
import { type Probe, probe } from "./observe.ts";

/** A checkout on the host, and where it is asked to go. */
export interface CodeFacts {
  readonly head: Commit;
  readonly subject: string;
  /** Absent when HEAD is detached, as after a rollback. */
  readonly branch?: string;
  /** Tracked files that differ from HEAD, as `git status --porcelain` lists them. */
  readonly dirty: readonly string[];
  readonly target?: {
    readonly commit: Commit;
    readonly subject: string;
    /** Commits that the target has and HEAD hasn't, and the other way round. */
    readonly ahead: number;
    readonly behind: number;
    /** Which of the asked-for files differ between HEAD and the target. */
    readonly changed: readonly string[];
  };
  /** Why the target could not be found: git's own words. */
  readonly trouble?: string;
}

/**
 * Reads a checkout. Objects of the target are fetched when they aren't there, without moving a branch or a
 * remote-tracking ref: the checkout stays as it is, and the plan knows exactly what would change.
 *
 * `more` runs in the checkout when one of `files` differs at the target; its output is handed back raw.
 */
export function codeProbe(
  path: Script,
  wanted: { readonly branch: GitRef; readonly ref?: string; readonly files: readonly string[]; readonly more?: Script },
): Probe<{ readonly code: CodeFacts | undefined; readonly trouble?: string; readonly more?: string }> {
  const ref = wanted.ref ?? wanted.branch;
  return probe(
    sh`cd ${path} || exit 3
git rev-parse --git-dir >/dev/null || exit 4
printf 'head %s\n' "$(git rev-parse HEAD)"
printf 'branch %s\n' "$(git symbolic-ref --short -q HEAD)"
printf 'subject %s\n' "$(git log -1 --format=%s)"
git status --porcelain --untracked-files=no | while IFS= read -r line; do printf 'dirty %s\n' "$line"; done
target=$(git ls-remote --exit-code origin ${`refs/heads/${ref}`} ${`refs/tags/${ref}^{}`} ${`refs/tags/${ref}`} | head -n 1 | cut -f 1)
[ -n "$target" ] || target=$(git rev-parse --verify --quiet ${`${ref}^{commit}`}) || {
  git fetch --quiet --refmap= origin ${wanted.branch} && target=$(git rev-parse --verify --quiet ${`${ref}^{commit}`})
} || exit 5
git cat-file -e "$target^{commit}" 2>/dev/null || git fetch --quiet --refmap= origin "$target" 2>/dev/null || git fetch --quiet --refmap= origin ${ref} || exit 5
printf 'target %s\n' "$(git rev-parse "$target^{commit}")"
printf 'target-subject %s\n' "$(git log -1 --format=%s "$target")"
printf 'ahead %s\n' "$(git rev-list --count HEAD.."$target")"
printf 'behind %s\n' "$(git rev-list --count "$target"..HEAD)"
changed=$(git diff --name-only HEAD "$target" -- ${wanted.files.length > 0 ? wanted.files : ["."]})
${wanted.files.length > 0 ? sh`printf '%s\n' "$changed" | while IFS= read -r file; do [ -z "$file" ] || printf 'changed %s\n' "$file"; done` : undefined}
${wanted.more ? sh`if [ -n "$changed" ]; then printf 'more\n'; ${wanted.more}; fi` : undefined}`,
    (seen) => {
      const [facts, more] = cut(seen.stdout, "\nmore\n");
      return { code: read(facts, seen.stderr), trouble: seen.exit === 0 ? undefined : troubleOf(seen), more };
    },
  );
}

function cut(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + at.length)];
}

function troubleOf(seen: { readonly exit: number; readonly stderr: string }): string {
  const words = seen.stderr.trim().split("\n").slice(0, 5).join("\n");
  return words || `git ended with status ${seen.exit}`;
}

function read(text: string, stderr: string): CodeFacts | undefined {
  const all = (key: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => line.slice(key.length + 1));
  const one = (key: string) => all(key)[0];
  const head = one("head");
  if (!head) return undefined;
  const target = one("target");
  return {
    head: head as Commit,
    subject: one("subject") ?? "",
    branch: one("branch") || undefined,
    dirty: all("dirty"),
    target: target
      ? {
          commit: target as Commit,
          subject: one("target-subject") ?? "",
          ahead: Number(one("ahead")),
          behind: Number(one("behind")),
          changed: all("changed"),
        }
      : undefined,
    trouble: target ? undefined : stderr.trim(),
  };
}

/** How people write a commit. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}
