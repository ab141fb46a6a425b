import { parse } from "yaml";
import type { App } from "../../model/fleet.ts";
import { composeArgv } from "../../runtime/compose/place.ts";
import { lines, remotePath, type Script, sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** An app's compose files as Compose itself resolves them; without values that may be secret. */
export interface ComposeSeen {
  readonly app: string;
  /** The app's folder as it really is; undefined when it isn't there. */
  readonly folder?: string;
  readonly exit: number;
  /** What Compose said beside its answer: errors, variables that are blank. */
  readonly said: string;
  readonly project: string;
  readonly services: Readonly<Record<string, ServiceSeen>>;
  /** Networks that have to be there already, by their real names. */
  readonly externalNetworks: readonly string[];
  /** Compose's own hash of each service's configuration. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The services of every profile, used or not; empty where not every profile can be resolved. */
  readonly all: readonly string[];
}

export interface ServiceSeen {
  readonly image: string;
  readonly built: boolean;
  readonly replicas: number;
  readonly binds: readonly { readonly source: string; readonly target: string }[];
}

interface Resolved {
  name?: string;
  services?: Record<string, ResolvedService>;
  networks?: Record<string, { name?: string; external?: boolean } | null>;
}
interface ResolvedService {
  image?: string;
  build?: boolean;
  replicas?: number;
  scale?: number;
  volumes?: { type: string; source?: string; target: string }[];
}

/**
 * Of the canonical YAML only what is judged: environment, build arguments, labels, commands and contents of secrets stay on
 * the host. What is nested deeper follows the key that it belongs to.
 */
const ONLY_WHAT_IS_JUDGED = `
/^#exit / { print; next }
/^name:/ { print; next }
/^(services|networks):/ { section = $1; print; next }
/^[^ ]/ { section = ""; next }
section == "" { next }
/^  [^ ]/ { print; keep = 0; key = ""; next }
/^    [^ ]/ {
  key = $1; keep = 0
  if (section == "services:" && key == "build:") { print "    build: true"; next }
  if (section == "services:" && key ~ /^(image|volumes|scale):$/) keep = 1
  if (section == "networks:" && key ~ /^(name|external):$/) keep = 1
}
key == "deploy:" && /^      replicas:/ { print "    replicas: " $2; next }
keep { print }
`;

/** In Docker's words: the command isn't there, or has no Compose, and takes the options for its own. */
const WITHOUT_COMPOSE = /^docker: .*command|^unknown (shorthand )?flag|docker: not found/m;

/** How each app's compose files resolve: one after the other in an app, the apps side by side. */
export const compose = hostPart<Readonly<Record<string, ComposeSeen>>>({
  within: 20,
  script: ({ apps }) => {
    const asked = apps.filter((app) => app.runtime === "compose").map(ask);
    return sh`answers=$(mktemp -d) || exit 1
trap 'rm -rf "$answers"' EXIT
${lines(asked.map((one, at) => sh`( ${one} ) >"$answers"/${at} 2>/dev/null &`))}
wait
cat "$answers"/* 2>/dev/null
:`;
  },
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim().split("\n")[0] || `docker compose ended with status ${exit}`);
    const [, ...parts] = stdout.split("\x1e");
    const seen: Record<string, ComposeSeen> = {};
    let sections: Record<string, string> = {};
    for (const part of parts) {
      const end = part.indexOf("\n");
      const [head, text] = [part.slice(0, end), part.slice(end + 1)];
      if (head === "app") sections = {};
      sections[head] = text;
      if (head === "end") {
        const one = understand(sections);
        seen[one.app] = one;
      }
    }
    return seen;
  },
});

function ask(app: App): Script {
  const argv = composeArgv(app);
  return sh`printf '\036app\n%s\n' ${app.name}
if cd ${remotePath(app.path)} 2>/dev/null; then
printf '\036folder\n%s\n' "$(pwd -P)"
printf '\036resolved\n'
exec 3>&1
said=$( { { ${argv} config; printf '#exit %s\n' "$?"; } | awk ${ONLY_WHAT_IS_JUDGED} >&3; } 2>&1 )
printf '\036said\n'; printf '%s\n' "$said" | tr -d '\036' | cut -b 1-600 | head -n 40
printf '\036hashes\n'
if ${argv} --profile '*' config --hash '*' 2>/dev/null; then printf '\036all\n'; else ${argv} config --hash '*' 2>/dev/null; fi
fi
printf '\036end\n'`;
}

function understand({ app = "", folder, resolved = "", said = "", ...sections }: Readonly<Record<string, string>>): ComposeSeen {
  const exit = Number(/^#exit (\d+)$/m.exec(resolved)?.[1] ?? 1);
  if (exit !== 0 && WITHOUT_COMPOSE.test(said)) throw new Unmeasured(said.trim().split("\n")[0] as string);
  const hashes = Object.fromEntries(
    [...(sections["hashes"] ?? "").matchAll(/^(\S+) (\S+)$/gm)].map(([, service, hash]) => [service as string, hash as string]),
  );
  const { name = "", services = {}, networks = {} } = exit === 0 ? ((parse(resolved) ?? {}) as Resolved) : {};
  return {
    app: app.trim(),
    folder: folder?.trim(),
    exit,
    said: said.trim(),
    project: name,
    services: Object.fromEntries(Object.entries(services).map(([key, service]) => [key, serviceOf(name, key, service)])),
    externalNetworks: Object.entries(networks).flatMap(([key, network]) => (network?.external ? [network.name ?? key] : [])),
    hashes,
    all: sections["all"] === undefined ? [] : Object.keys(hashes),
  };
}

function serviceOf(project: string, name: string, { image, build, replicas, scale, volumes = [] }: ResolvedService): ServiceSeen {
  return {
    image: image ?? `${project}-${name}`,
    built: build === true,
    replicas: replicas ?? scale ?? 1,
    binds: volumes.flatMap(({ type, source, target }) => (type === "bind" && source !== undefined ? [{ source, target }] : [])),
  };
}
