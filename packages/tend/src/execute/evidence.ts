import { stripVTControlCharacters } from "node:util";
import type { FailureParts } from "../model/failure.ts";
import { redact } from "./redact.ts";

const MOST = 5;
const TROUBLE =
  /\b(error|exception|fatal|panic|critical|failed|failure|refused|denied|cannot|can't|no such|not found|unable|traceback|killed|no space left)\b/i;
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
  const shown = found.length > 0 ? found.slice(0, MOST) : lines.slice(-MOST);
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

/** Whatever a container prints can't restyle or forge what tend prints. */
export function clean(line: string): string {
  const plain = stripVTControlCharacters(line).replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (one) => (one === "\t" ? " " : ""));
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain;
}

/** What is known of errors that look alike everywhere: a better id, why, and what helps. */
const KNOWN: readonly { readonly pattern: RegExp; readonly parts: Partial<FailureParts> }[] = [
  {
    pattern: /no space left on device/i,
    parts: {
      id: "disk.full",
      why: "the disk that Docker keeps its images on is full",
      help: "on the host: docker system df shows what takes the room",
    },
  },
  {
    pattern:
      /no basic auth credentials|unauthorized|authentication required|denied: denied|requested access to the resource is denied|pull access denied|401/i,
    parts: {
      id: "registry.denied",
      why: "the registry refused the host's login: it is missing, wrong or expired (an expired token is refused even for public images)",
      help: "on the host: docker login REGISTRY",
    },
  },
  {
    pattern: /manifest unknown|manifest for .* not found|not found: manifest/i,
    parts: {
      id: "registry.tag-missing",
      why: "the registry has no such tag: was it pushed?",
      help: "docker manifest inspect IMAGE asks the registry",
    },
  },
  {
    pattern: /toomanyrequests|rate limit/i,
    parts: {
      id: "registry.limit",
      why: "the registry's limit for anonymous pulls is reached",
      help: "on the host: docker login",
    },
  },
  {
    pattern:
      /lookup .* no such host|connection refused.*\/v2\/|dial tcp .*(i\/o timeout|connection refused)|Client\.Timeout exceeded/i,
    parts: { id: "registry.unreachable", why: "the registry doesn't answer", help: "tend rollback needs no registry" },
  },
  {
    pattern: /relation "[^"]*" does not exist|no such table|no such column|UndefinedTable/i,
    parts: { why: "the code asks for a table or column that no applied migration has made" },
  },
  {
    pattern: /exec format error/i,
    parts: { why: "the image was built for another kind of processor than the host's" },
  },
  {
    pattern: /port is already allocated|address already in use/i,
    parts: { id: "port.busy", why: "something else holds the port" },
  },
];

export function knownTrouble(output: string): Partial<FailureParts> {
  return KNOWN.find(({ pattern }) => pattern.test(output))?.parts ?? {};
}
