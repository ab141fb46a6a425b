import { stripVTControlCharacters } from "node:util";
import { redact } from "./redact.ts";

const MOST = 5;
const TROUBLE =
  /\b(\w*error|\w*exception|fatal|emerg|panic|critical|failed|failure|refused|denied|cannot|can't|no such|not found|unable|traceback|killed|no space left)\b|^ +Detail: /i;
const NOISE = /\b(0 errors|error_log|errors?=0|no errors?)\b/i;

/**
 * The lines of an output that say what went wrong: the *first* that look like trouble, since what follows is mostly
 * its echo; when none does, the last lines. Structured log lines are told by their level.
 */
export function firstErrors(output: string): readonly string[] {
  const lines = output
    .split(/\r\n|\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
  const found = lines.flatMap((line) => {
    const structured = readStructured(line);
    if (structured) return structured.trouble ? [structured.text] : [];
    return TROUBLE.test(line) && !NOISE.test(line) ? [line] : [];
  });
  const shown = found.length > 0 ? [...new Set(found)].slice(0, MOST) : lines.slice(-MOST);
  return shown.map((line) => redact(clean(line)));
}

/** A JSON log line reduced to what a person reads. */
function readStructured(line: string): { readonly trouble: boolean; readonly text: string } | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    const level = String(entry["level"] ?? entry["severity"] ?? entry["lvl"] ?? "").toLowerCase();
    const text = [
      entry["event"],
      entry["message"] ?? entry["msg"],
      entry["error"] ?? entry["detail"] ?? entry["err"] ?? entry["reason"],
    ]
      .filter((part) => part !== undefined && part !== "")
      .map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
    return { trouble: /^(err|fatal|crit|alert|emerg|panic|50|60)/.test(level), text: [...new Set(text)].join("  ") || line };
  } catch {
    return undefined;
  }
}

/** More than is ever shown: cut first, so that a line of megabytes costs nothing. */
const MOST_CHARACTERS = 5000;

/** Whatever a container prints can't restyle or forge what tend prints: no controls, no invisible signs, no line ends of Unicode's own. */
export function clean(line: string): string {
  const plain = stripVTControlCharacters(line.slice(0, MOST_CHARACTERS)).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) =>
    one === "\t" ? " " : "",
  );
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain;
}
