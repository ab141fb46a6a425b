import type { Proxy } from "../../model/fleet.ts";
import { routings } from "../../proxy/index.ts";
import { lines, type Script, sh } from "../../transport/argv.ts";
import type { Scene } from "../scene.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface ProxySeen {
  readonly name: string;
  /** Undefined where there is no such container. */
  readonly state?: string;
  /** Where its kind tells it: see proxy/routing.ts. */
  readonly version?: string;
  /** What its kind's script printed: see proxy/routing.ts. */
  readonly configuration?: string;
  /** The proxy's own words, where it would not load its configuration again. */
  readonly refuses?: string;
  /** What it complained of in the last hour, and when it loaded its configuration. */
  readonly log: readonly { readonly at: string; readonly text: string }[];
}

export interface ProxiesSeen {
  readonly engine: string;
  readonly proxies: readonly ProxySeen[];
}

/** The complaints that tell something about routes, and the lines about a configuration that was loaded. */
const TELLING =
  "connect\\(\\) failed|no live upstreams|timed out|too large body|too big header|host not found|defined multiple times|client version|variable is not set|reconfiguring|signal 1 \\(SIGHUP\\)";
/** Lines that are looked at, lines that are kept, and how long one may be. */
const [LOOKED_AT, MOST_LINES, MOST_WIDTH] = [20_000, 60, 500];

/** What stands beside the error: its status, and what Caddy logs of the attempt. */
const ASIDE = /^(exit \d+|\{"level":"(info|warn)".*)$/gm;

/** The declared proxies of the host: what they route, what version they are, what they complain of. */
export const proxies = hostPart<ProxiesSeen>({
  within: 15,
  script: (scene) => {
    const declared = proxiesOf(scene);
    if (declared.length === 0) return undefined;
    return lines([
      sh`exec 3>&1
echo "@@ engine $(docker version --format '{{.Server.Version}}')"`,
      ...declared.map(ask),
    ]);
  },
  read: ({ stdout, stderr }, scene) => {
    const engine = /^@@ engine (\S+)$/m.exec(stdout)?.[1];
    if (engine === undefined) throw new Unmeasured(stderr.trim().split("\n")[0] || "docker doesn't answer");
    return { engine, proxies: proxiesOf(scene).map(({ name }) => readOne(name, stdout)) };
  },
});

export function proxiesOf({ fleet, host }: Scene): readonly Proxy[] {
  return [...fleet.proxies.values()].filter((proxy) => proxy.host === host.name);
}

function ask({ name, kind, container }: Proxy): Script {
  const { script, version } = routings[kind];
  // What is asked for arrives in requests, too: of nginx only its own words are read, which stand on stderr.
  const log = kind === "nginx" || kind === "nginx-proxy" ? sh`2>&1 >/dev/null` : sh`2>&1`;
  return sh`state=$(docker container inspect --format '{{.State.Status}}' ${container} 2>/dev/null)
echo "@@ ${name} state $state"
if [ "$state" = running ]; then
  ${version && sh`echo "@@ ${name} version"; ( ${version(container)} ) 2>/dev/null`}
  echo "@@ ${name} configuration"
  said=$( { ( ${script(container)} ) 2>&1 >&3; echo "exit $?"; } )
  printf '\n@@ %s said\n%s\n' ${name} "$said"
  echo "@@ ${name} log"
  docker logs --since 1h --timestamps --tail ${LOOKED_AT} ${container} ${log} | grep -E ${TELLING} | tail -n ${MOST_LINES} | cut -c 1-${MOST_WIDTH}
fi`;
}

function readOne(name: string, stdout: string): ProxySeen {
  const section = (what: string) => {
    const from = stdout.indexOf(`@@ ${name} ${what}`);
    if (from === -1) return undefined;
    const [head = "", ...rest] = stdout.slice(from).split("\n");
    const end = rest.findIndex((line) => line.startsWith("@@ "));
    return {
      head: head.slice(`@@ ${name} ${what}`.length).trim(),
      body: rest
        .slice(0, end === -1 ? undefined : end)
        .join("\n")
        .trim(),
    };
  };
  const said = section("said")?.body ?? "";
  const exit = Number(/^exit (\d+)$/m.exec(said)?.[1] ?? 0);
  return {
    name,
    state: section("state")?.head || undefined,
    version: section("version")?.body || undefined,
    configuration: section("configuration")?.body,
    refuses: exit === 0 ? undefined : said.replaceAll(ASIDE, "").trim(),
    log: (section("log")?.body ?? "").split("\n").flatMap((line) => {
      const [, at, text] = /^(\d{4}-\S+)\s+(.+)$/.exec(line) ?? [];
      return at === undefined || text === undefined ? [] : [{ at, text }];
    }),
  };
}

/** What it complained of since it last loaded its configuration: what was before may be mended. */
export function complaints({ log }: ProxySeen): ProxySeen["log"] {
  const loaded = log.findLastIndex(({ text }) => /reconfiguring|SIGHUP/.test(text));
  return log.slice(loaded + 1);
}
