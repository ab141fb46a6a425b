import type { FailureParts } from "../model/failure.ts";
import { redact } from "./redact.ts";

/** What an output comes from, as far as that helps to understand it. */
export interface About {
  /** The images that were asked for: their registry is named where the message doesn't. */
  readonly images?: readonly string[];
  /** The disk that was written to. */
  readonly disk?: string;
  /** It is an app's own log, or of what asks no registry: what sounds like one in there is something else. */
  readonly log?: boolean | undefined;
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
      help:
        disk && !disk.includes("docker")
          ? `on the host: df -h ${disk} shows how full it is`
          : "on the host: docker system df shows what takes the room",
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
