import { lookup } from "node:dns/promises";
import type { Transport } from "../../transport/transport.ts";
import type { Scene } from "../scene.ts";
import { type Asked, ask, type Question } from "../way/ask.ts";
import { containersOf, type DeclaredWay, keyOf, proxyContainer, routedOf, sharedNetworks, waysOf } from "../way/routed.ts";
import type { ContainerSeen } from "./containers.ts";
import { herePart } from "./part.ts";
import type { ProxiesSeen } from "./proxies.ts";

/** What was answered along one declared route. */
export interface HopsSeen {
  /** From here, by the public address, or by the proxy's declared one; with the redirects that were followed. */
  readonly public: readonly Asked[];
  /** From the host, by the proxy's own address. */
  readonly proxy?: Asked;
  /** From the host, by the container's own address, as the proxy would ask. */
  readonly app?: Asked;
  /** The same, for the page that users see, and for a path that frameworks like to redirect. */
  readonly pages: readonly Asked[];
  /** The app's and the proxy's answers to a wish for a WebSocket. */
  readonly socket?: { readonly app: Asked; readonly proxy?: Asked };
}

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": Buffer.from("tend looks at it").toString("base64"),
};
const MOST_REDIRECTS = 5;
/** Routes that are followed at the same time. */
const AT_ONCE = 4;

/** Follows each declared route: from here, then from the host to the proxy, and past it to the container. */
export const hops = herePart<Readonly<Record<string, HopsSeen>>>({
  after: true,
  within: 25,
  async look(scene, { session, first, signal }) {
    const { containers, proxies } = first;
    const line = [...waysOf(scene)];
    if (line.length === 0) return {};
    const transport = await session.transport(scene.host);
    const seen: Record<string, HopsSeen> = {};
    const follow = async () => {
      for (let way = line.shift(); way; way = line.shift()) {
        seen[keyOf(way)] = await along(scene, way, { transport, containers, proxies, signal });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, follow));
    return seen;
  },
});

interface Around {
  readonly transport: Transport;
  readonly containers: readonly ContainerSeen[];
  readonly proxies: ProxiesSeen | undefined;
  readonly signal: AbortSignal;
}

async function along(scene: Scene, way: DeclaredWay, around: Around): Promise<HopsSeen> {
  const { containers, proxies, signal, transport } = around;
  const proxy = proxyContainer(way, containers);
  const [container] = containersOf(scene, way, containers);
  const routed = routedOf(
    way,
    proxies?.proxies.find(({ name }) => name === way.proxy.name),
    containers,
  )?.[0];
  const port = routed?.upstreams[0]?.port ?? way.route.port;
  const from = (to: { host: string; port: number } | undefined) =>
    to && { to: `${to.host}:${to.port}`, socket: () => transport.connect(to) };
  const app = from(container && port !== undefined ? { host: addressIn(container, proxy), port } : undefined);
  const own = from(proxy && proxyAddress(proxy));
  const question = (path: string, headers = {}): Omit<Question, "over"> => ({
    scheme: "http",
    domain: way.route.domain,
    path,
    headers,
  });
  const put = async (to: typeof app, path: string, headers = {}) => {
    if (!to) return undefined;
    const socket = to.socket();
    socket.catch(() => undefined);
    return ask(
      {
        ...question(path, headers),
        scheme: to === own && to.to.endsWith(":443") ? "https" : "http",
        over: { to: to.to, socket },
      },
      signal,
    );
  };
  const https = { "x-forwarded-proto": "https", "x-forwarded-host": way.route.domain };
  const page = way.route.paths[0] ?? "/";
  const slashed = way.service.probe && !way.path.endsWith("/") ? [`${way.path}/`] : [];
  const [seenHere, atProxy, atApp, ...pages] = await Promise.all([
    fromHere(way, signal),
    put(own, way.path),
    patiently(() => put(app, way.path, https)),
    ...[page, ...slashed].filter((path) => path !== way.path).map((path) => put(app, path, https)),
  ]);
  const socket = routed && !routed.upgrades ? await put(app, page, UPGRADE) : undefined;
  return {
    public: seenHere,
    proxy: atProxy,
    app: atApp,
    pages: [atApp, ...pages].filter((one) => one !== undefined),
    ...(socket ? { socket: { app: socket, proxy: socket.status === 101 ? await put(own, page, UPGRADE) : undefined } } : {}),
  };
}

/** Once more where there was no answer in time: a busy machine isn't a broken app. */
async function patiently(asking: () => Promise<Asked | undefined>): Promise<Asked | undefined> {
  const first = await asking();
  return first?.kind === "late" ? asking() : first;
}

/** As a user's browser does: by the declared address of the proxy, else by the domain's own name, and on where it is sent. */
async function fromHere({ route, proxy, path }: DeclaredWay, signal: AbortSignal): Promise<readonly Asked[]> {
  const scheme = proxy.url?.protocol === "http:" ? "http" : "https";
  const port = Number(proxy.url?.port || (scheme === "https" ? 443 : 80));
  const asked: Asked[] = [];
  let next = new URL(`${scheme}://${route.domain}${port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`}${path}`);
  while (asked.length < MOST_REDIRECTS) {
    const target = {
      host: proxy.url?.hostname ?? route.domain,
      port: Number(next.port || (next.protocol === "https:" ? 443 : 80)),
    };
    const host = proxy.url ? target.host : await addressOf(target.host);
    const answer = host
      ? await ask(
          {
            scheme: next.protocol === "https:" ? "https" : "http",
            domain: route.domain,
            path: `${next.pathname}${next.search}`,
            over: { host, port: target.port },
          },
          signal,
        )
      : {
          to: route.domain,
          path,
          ms: 0,
          error: `${route.domain} has no address in DNS, as seen from here`,
          kind: "name" as const,
        };
    asked.push({
      ...answer,
      location:
        answer.location && URL.canParse(answer.location, next.href) ? new URL(answer.location, next.href).href : undefined,
    });
    const on = asked.at(-1)?.location;
    if (on === undefined || (answer.status ?? 0) < 300 || (answer.status ?? 0) > 399) break;
    next = new URL(on);
    // Elsewhere is another site's affair, and a port that isn't open here is told by the next answer.
    if (next.hostname !== route.domain || !/^https?:$/.test(next.protocol)) break;
  }
  return asked;
}

async function addressOf(name: string): Promise<string | undefined> {
  try {
    return (await lookup(name)).address;
  } catch {
    return undefined;
  }
}

function addressIn(container: ContainerSeen, proxy: ContainerSeen | undefined): string {
  const [shared] = proxy ? sharedNetworks(proxy, container) : [];
  const network = shared === undefined ? Object.values(container.networks)[0] : container.networks[shared];
  return network?.address || "127.0.0.1";
}

/** Where the proxy answers on its host, past whatever stands before it: plain HTTP where it has that. */
function proxyAddress(proxy: ContainerSeen): { host: string; port: number } {
  const inside = [...new Set(proxy.published.map((port) => Number.parseInt(port.inside, 10)))];
  const port = [80, 443, ...inside].find((one) => inside.includes(one)) ?? 80;
  if (proxy.networkMode === "host") return { host: "127.0.0.1", port };
  return { host: Object.values(proxy.networks).find(({ address }) => address !== "")?.address ?? "127.0.0.1", port };
}
