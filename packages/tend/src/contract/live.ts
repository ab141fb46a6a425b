import { posix } from "node:path";
import { chosenFilesScript } from "../compose-files/chosen.ts";
import { Unreadable } from "../compose-files/document.ts";
import { readComposeFiles } from "../compose-files/files.ts";
import type { Contract } from "../model/contract.ts";
import type { App, Fleet } from "../model/fleet.ts";
import { appKey } from "../observe/place.ts";
import { compose } from "../runtime/compose/place.ts";
import { remotePath, type Script, sh } from "../transport/argv.ts";
import type { Unread } from "./here.ts";
import { byName, type Judgement, judgeContract } from "./judge.ts";
import type { ImageKnown } from "./rule.ts";
import { toolsOf } from "./rules/life.ts";
import { type Composed, type ComposedService, composedOf, type RawConfig } from "./service.ts";

/** What a host said about an app's compose files. It has secrets in it, and goes no further than this folder. */
export interface Answered {
  readonly config?: string;
  readonly trouble?: string;
  readonly images: ReadonlyMap<string, ImageKnown>;
  readonly files: ReadonlyMap<string, string>;
  readonly composeFiles: readonly string[];
}

/** Files that a compose file names by `include` or `extends` are read as well, this deep. */
const DEEP = [1, 2, 3];

/**
 * Asks for the app's configuration as Compose resolves it, for the files that it is written in, and for what its images
 * say of themselves. Each part is told in base64, so that nothing in a file can pass for another part.
 */
export function contractScript(app: App): Script {
  const config = (...how: readonly string[]) => compose(app, "config", ...how);
  const given = app.compose.length > 0 ? sh`printf '%s\n' ${app.compose}` : chosenFilesScript();
  return sh`(
part() { printf '%s\n' "$1"; base64; echo .; }
echo ${`app ${appKey(app)}`}
cd ${remotePath(app.path)} 2>/dev/null || { echo ${`${app.path} isn't there`} | part trouble; exit; }
if answer=$( ${config("--format", "json")} 2>/dev/null); then printf '%s\n' "$answer" | part config
else ${config("--quiet")} 2>&1 | head -c 2000 | part trouble; exit
fi
for image in $( ${config("--images")} 2>/dev/null | sort -u); do
  docker image inspect --format "{{.Config.User}}|{{with .Config.Healthcheck}}{{json .Test}}{{end}}" "$image" 2>/dev/null | part "image $image"
done
queue=$( ${given})
printf '%s\n' "$queue" | part given
for depth in ${DEEP.map(String)}; do
  next=
  for file in $queue; do
    [ -f "$file" ] && [ "$(wc -c <"$file")" -le 1000000 ] || continue
    part "file $file" <"$file"
    for name in $(grep -E '(file|path|include)["]?:.*\.ya?ml|^ *- *[^: ]*\.ya?ml"? *$' "$file" | grep -oE '[A-Za-z0-9_./-]+\.ya?ml'); do
      next="$next $(dirname "$file")/$name"
    done
  done
  queue=$next
done
)`;
}

/** By the app's key. */
export function readAnswers(stdout: string): ReadonlyMap<string, Answered> {
  const answers = new Map<string, Answered>();
  for (const block of stdout.split(/^app /m).slice(1)) {
    const [key = "", ...lines] = block.split("\n");
    const parts = partsOf(lines);
    const all = (kind: string) =>
      parts.flatMap(([head, text]) => (head.startsWith(`${kind} `) ? [[head.slice(kind.length + 1), text] as const] : []));
    const one = (kind: string) => parts.find(([head]) => head === kind)?.[1];
    answers.set(key, {
      config: one("config"),
      trouble: one("trouble"),
      composeFiles: (one("given") ?? "").split("\n").filter(Boolean),
      files: new Map(all("file").map(([name, text]) => [posix.normalize(name), text])),
      images: new Map(all("image").map(([ref, text]) => [ref, imageKnown(text)])),
    });
  }
  return answers;
}

function partsOf(lines: readonly string[]): readonly (readonly [string, string])[] {
  const parts: [string, string][] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const end = lines.indexOf(".", at + 1);
    if (end === -1) break;
    parts.push([lines[at] as string, Buffer.from(lines.slice(at + 1, end).join(""), "base64").toString("utf8")]);
    at = end;
  }
  return parts;
}

function imageKnown(text: string): ImageKnown {
  const bar = text.indexOf("|");
  if (bar === -1) return {};
  const test = text.slice(bar + 1).trim();
  return { user: text.slice(0, bar), healthcheck: test !== "" && !test.startsWith('["NONE"') && test !== "null" };
}

/** `tools`: programs that were looked for in the running containers, by service. */
export type FoundTools = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

export function judgeAnswer(
  { fleet, app, contract }: { readonly fleet: Fleet; readonly app: App; readonly contract: Contract },
  answer: Answered,
  found: FoundTools = new Map(),
): Judgement | Unread {
  if (answer.config === undefined) {
    const [reason = "Compose can't resolve its files"] = (answer.trouble ?? "").split("\n").filter(Boolean);
    return { unread: reason };
  }
  try {
    const composed = understood(answer);
    if (!composed) return { unread: "Compose's answer can't be understood" };
    const read = (name: string) => answer.files.get(posix.normalize(name));
    const files = readComposeFiles({ files: answer.composeFiles, variables: new Map(), read });
    const image = (service: ComposedService): ImageKnown => {
      const known = byName(service);
      const asked = service.image === undefined ? undefined : answer.images.get(service.image);
      const tools = new Map([...(known.tools ?? []), ...(found.get(service.name) ?? [])]);
      return { ...known, ...asked, dropsRoot: known.dropsRoot, tools };
    };
    const judged = judgeContract({ fleet, app, contract, files, composed, image });
    // What stands in a file that wasn't read can't be told: a secret, above all.
    const unseen = files.troubles.map((what) => ({ rule: "secrets", service: "", what }) as const);
    return { ...judged, unknown: [...judged.unknown, ...unseen] };
  } catch (error) {
    if (error instanceof Unreadable) return { unread: error.message };
    throw error;
  }
}

/** What JSON says of an answer that is none quotes it: that is left out. */
function understood({ config = "" }: Answered): Composed | undefined {
  try {
    return composedOf(JSON.parse(config) as RawConfig);
  } catch {
    return undefined;
  }
}

/** The programs that health checks run, by service: to be looked for. */
export function toolsWanted(answer: Answered): ReadonlyMap<string, readonly string[]> {
  const composed = understood(answer);
  if (!composed) return new Map();
  const { services } = composed;
  return new Map(
    [...services.values()].flatMap(({ name, healthcheck: test }) => {
      const tools =
        test === undefined || test === "off" ? [] : toolsOf(test).filter((tool) => /^[\w+-][\w.+-]*$|^\/[\w./+-]+$/.test(tool));
      return tools.length > 0 ? [[name, tools] as const] : [];
    }),
  );
}

/** Looks for programs in the containers that run, by asking the engine for the file: nothing is started in them. */
export function toolsScript(app: App, wanted: ReadonlyMap<string, readonly string[]>): Script {
  const each = [...wanted].map(
    ([service, tools]) => sh`look ${service} "$( ${compose(app, "ps", "--quiet", service)} 2>/dev/null | head -n 1)" ${tools}`,
  );
  return sh`cd ${remotePath(app.path)} || exit 3
has() { [ "$(docker cp "$1:$2" - 2>/dev/null | head -c 1 | wc -c)" -gt 0 ]; }
look() { # service, container, programs
  service=$1 container=$2
  [ -n "$container" ] || return 0
  shift 2
  path=$(docker container inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$container" | sed -n 's/^PATH=//p' | tr : ' ')
  [ -n "$path" ] || path='/usr/local/bin /usr/bin /bin /usr/sbin /sbin'
  for tool in "$@"; do
    there=no
    case $tool in
      /*) has "$container" "$tool" && there=yes ;;
      *) for folder in $path; do has "$container" "$folder/$tool" && { there=yes; break; }; done ;;
    esac
    echo "$service $tool $there"
  done
}
${each.reduce(
  (all, one) => sh`${all}
${one}`,
  sh`:`,
)}`;
}

export function readTools(stdout: string): FoundTools {
  const found = new Map<string, Map<string, boolean>>();
  for (const line of stdout.split("\n")) {
    const [service = "", tool, there] = line.split(" ");
    if (tool === undefined) continue;
    found.set(service, (found.get(service) ?? new Map<string, boolean>()).set(tool, there === "yes"));
  }
  return found;
}
