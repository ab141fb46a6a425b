import { redact } from "../../execute/redact.ts";
import { type ExitName, Failure } from "../../model/failure.ts";

export type Trouble = "unreachable" | "denied" | "full" | "failed";

const HELP: Readonly<Record<Trouble, (where: string) => string>> = {
  unreachable: () => "run it again once it answers; nothing has to be cleaned up by hand",
  denied: (where) => `let tend read and write there, or name another place than ${where} under backups: to:`,
  full: (where) => `make room at ${where}, or let tend prune take away what the retention doesn't keep`,
  failed: (where) => `look at ${where} with its own tools; tend backups shows what it has`,
};

const TITLE: Readonly<Record<Trouble, (where: string) => string>> = {
  unreachable: (where) => `the backups' destination ${where} can't be reached`,
  denied: (where) => `the backups' destination ${where} refuses tend`,
  full: (where) => `the backups' destination ${where} is full`,
  failed: (where) => `the backups' destination ${where} failed`,
};

/** What a destination's own errors become, whatever kind it is. */
export function destinationFailure(
  trouble: Trouble,
  where: string,
  evidence: readonly string[],
  more: { why?: string; help?: string; cause?: unknown } = {},
): Failure {
  return new Failure({
    id: IDS[trouble],
    title: TITLE[trouble](where),
    exit: EXITS[trouble],
    where,
    evidence: evidence.map((line) => redact(line).slice(0, 300)).slice(-5),
    why: more.why,
    help: more.help ?? HELP[trouble](where),
    cause: more.cause,
  });
}

const IDS: Readonly<Record<Trouble, string>> = {
  unreachable: "destination.unreachable",
  denied: "destination.denied",
  full: "destination.full",
  failed: "destination.failed",
};

const EXITS: Readonly<Record<Trouble, Exclude<ExitName, "ok">>> = {
  unreachable: "unreachable",
  denied: "failed",
  full: "failed",
  failed: "failed",
};

/** By the words that systems have for it. */
export function troubleOf(said: string): Trouble {
  if (/no space left|disk quota exceeded|\b(ENOSPC|EDQUOT)\b/i.test(said)) return "full";
  if (/permission denied|read-only file system|operation not permitted|\b(EACCES|EPERM|EROFS)\b/i.test(said)) return "denied";
  return "failed";
}
