import { stripVTControlCharacters } from "node:util";
import type { FailureParts } from "../model/failure.ts";
import { redact } from "./redact.ts";

const MOST = 5;
const TROUBLE =
  /\b(\w*error|\w*exception|fatal|panic|critical|failed|failure|refused|denied|cannot|can't|no such|not found|unable|traceback|killed|no space left)\b/i;
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

/** What an output comes from, as far as that helps to understand it. */
export interface About {
  /** The images that were asked for: their registry is named where the message doesn't. */
  readonly images?: readonly string[];
  /** The disk that was written to. */
  readonly disk?: string;
  /** It is an app's own log: what sounds like a registry in there is something else. */
  readonly log?: boolean;
}

interface Known {
  readonly pattern: RegExp;
  /** Said by Docker of a registry. */
  readonly registry?: true;
  parts(found: {
    readonly registries: readonly string[];
    /** How the registry was asked: `http:` for one in a home network. */
    readonly scheme: string;
    readonly image?: string;
    readonly disk?: string;
  }): Partial<FailureParts>;
}

/** What is known of errors that look alike everywhere: a better id, why, and what helps. */
const KNOWN: readonly Known[] = [
  {
    pattern: /no space left on device/i,
    parts: ({ disk }) => ({
      id: "disk.full",
      why: disk ? `the disk at ${disk} ran full` : "a disk of the host ran full",
      help: "on the host: docker system df shows what takes the room",
    }),
  },
  {
    pattern:
      /no basic auth credentials|unauthorized|authentication required|denied: denied|requested access to the resource is denied|pull access denied|\bstatus(?: code)?:? 401\b/i,
    registry: true,
    parts: ({ registries }) => ({
      id: "registry.denied",
      why: `${named(registries)} refused the host's login: it is missing, wrong or expired (an expired token is refused even for public images)`,
      help: `on the host: docker login ${registries.join(" or ")}`.trimEnd(),
    }),
  },
  {
    pattern: /manifest unknown|manifest for .* not found|not found: manifest/i,
    registry: true,
    parts: ({ registries, image }) => ({
      id: "registry.tag-missing",
      why: `${named(registries)} has no ${image?.replace(`${registries[0]}/`, "") ?? "such tag"}: was it pushed?`,
      help: `on the host: docker manifest inspect ${image ?? "IMAGE"}`,
    }),
  },
  {
    pattern: /toomanyrequests|rate limit/i,
    registry: true,
    parts: ({ registries }) => ({
      id: "registry.limit",
      why: `the limit of ${named(registries)} for anonymous pulls is reached`,
      help: `on the host: docker login ${registries.join(" or ")}`.trimEnd(),
    }),
  },
  {
    pattern:
      /lookup .* no such host|connection refused.*\/v2\/|(dial tcp|read tcp|\/v2\/).*(i\/o timeout|connection refused|connection reset|no route to host|network is unreachable|server misbehaving|TLS handshake timeout|EOF)|Client\.Timeout exceeded/i,
    registry: true,
    parts: ({ registries, scheme }) => ({
      id: "registry.unreachable",
      why: `${named(registries)} doesn't answer the host`,
      help: registries[0] ? `on the host: curl -i ${scheme}//${registries[0]}/v2/` : undefined,
    }),
  },
  {
    pattern: /relation "[^"]*" does not exist|no such table|no such column|UndefinedTable/i,
    parts: () => ({ why: "the code asks for a table or column that no applied migration has made" }),
  },
  {
    pattern: /exec format error/i,
    parts: () => ({ why: "the image was built for another kind of processor than the host's" }),
  },
  {
    pattern: /port is already allocated|address already in use/i,
    parts: () => ({ id: "port.busy", why: "something else holds the port" }),
  },
];

export function knownTrouble(output: string, about: About = {}): Partial<FailureParts> {
  const known = KNOWN.find(({ pattern, registry }) => pattern.test(output) && !(registry && about.log));
  if (!known) return {};
  const image = /manifest for (\S+) not found/.exec(output)?.[1];
  // A wrong password's message names no registry; then it is one of those that were asked.
  const [, scheme = "https:", host] = /(https?:)\/\/(?:[^\s"/]*@)?([^/\s"@]+)\/v2\//.exec(redact(output)) ?? [];
  const said = host?.replace(/^(registry-1|index)\.docker\.io$/, "docker.io") ?? (image && registryOf(image));
  const registries = said ? [said] : [...new Set((about.images ?? []).map(registryOf))];
  return known.parts({ registries, scheme, image, disk: about.disk });
}

function named(registries: readonly string[]): string {
  return registries.length === 0 ? "the registry" : `the registry ${registries.join(" or ")}`;
}

/** Docker's own rule: what stands before the first slash is a registry if it looks like a host. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}
