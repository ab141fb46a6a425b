import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freshHost, lab, on } from "./lab.ts";
import { Origin, Workshop } from "./workshop.ts";

export type ProxyChoice = "nginx" | "caddy" | "nginx-proxy";

export interface Skriptoteket {
  readonly workshop: Workshop;
  readonly origin: Origin;
  readonly host: string;
  readonly address: string;
  /** Commits a version that says its name at /version; `change` may do more to the working copy. */
  publish(version: string, change?: (folder: string) => Promise<void>): Promise<string>;
  /** What `/version` answers through the proxy. */
  version(): Promise<string>;
  target(path?: string): { address: string; domain: string; path: string };
  close(): Promise<void>;
}

const DOMAIN = "skriptoteket.example";

/**
 * The home server of the example on a lab host, as its owner runs it before tend: shared database, external network,
 * a clone of the repository with its .env. The proxy follows once the app runs.
 */
export async function skriptoteket(host: string, proxy: ProxyChoice): Promise<Skriptoteket> {
  const workshop = await Workshop.open();
  const address = lab().hosts.find((one) => one.name === host)?.address as string;
  await workshop.sshAliases({ hemma: address });
  const folder = await workshop.example("skriptoteket");
  await writeFile(join(folder, "VERSION"), "1\n");
  const origin = await Origin.create(workshop, host, "skriptoteket", folder);
  await on(
    host,
    `set -e
rm -rf ~/apps/skriptoteket ~/infrastructure ~/.local/state/tend && mkdir -p ~/apps
git clone --quiet /srv/git/skriptoteket.git ~/apps/skriptoteket
printf 'SKRIPTOTEKET_DB_PASSWORD=s3cret-canary-pw\\n' > ~/apps/skriptoteket/.env
cp -r ~/apps/skriptoteket/infrastructure ~/infrastructure
printf 'POSTGRES_ADMIN_PASSWORD=admin-pw\\nSKRIPTOTEKET_DB_PASSWORD=s3cret-canary-pw\\n' > ~/infrastructure/.env
docker network inspect edge-network >/dev/null 2>&1 || docker network create edge-network >/dev/null
cd ~/infrastructure && docker compose -f compose.postgres.yaml up -d --wait --quiet-pull 2>&1`,
  );
  await workshop.declareSkriptoteket(address, proxy, ["hemma"]);
  return {
    workshop,
    origin,
    host,
    address,
    async publish(version, change) {
      await writeFile(join(folder, "VERSION"), `${version}\n`);
      await change?.(folder);
      return origin.commit(`Version ${version}`);
    },
    version: () => ask(address, "/version"),
    target: (path = "/version") => ({ address, domain: DOMAIN, path }),
    async close() {
      await workshop.close();
    },
  };
}

/** Starts the proxy that the app stands behind; plain nginx needs the app to be there already. */
export async function startProxy(host: string, proxy: ProxyChoice): Promise<void> {
  const files = { nginx: "-f compose.nginx.yaml", caddy: "-f compose.caddy.yaml", "nginx-proxy": "-f compose.yaml" }[proxy];
  await on(host, `cd ~/infrastructure && docker compose ${files} up -d --no-recreate --quiet-pull 2>&1`);
}

async function ask(address: string, path: string): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve) => {
    const asked = request({ host: address, path, headers: { host: DOMAIN }, timeout: 5000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => {
        try {
          resolve((JSON.parse(text) as { version: string }).version);
        } catch {
          resolve(`${response.statusCode} ${text.slice(0, 80)}`);
        }
      });
    });
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}

/** Makes every later build of the working copy fail to start, with a reason in its log. */
export async function breakStart(folder: string): Promise<void> {
  const file = join(folder, "Dockerfile");
  await writeFile(
    file,
    (await readFile(file, "utf8")).replace('ARG FAIL_START=""', 'ARG FAIL_START="relation sandbox_snapshots does not exist"'),
  );
}

export async function mendStart(folder: string): Promise<void> {
  const file = join(folder, "Dockerfile");
  await writeFile(file, (await readFile(file, "utf8")).replace(/ARG FAIL_START=".*"/, 'ARG FAIL_START=""'));
}

/** The app as its owner brought it up before tend: the runbook's own lines. */
export async function startByHand(app: Skriptoteket): Promise<void> {
  await on(
    app.host,
    `cd ~/apps/skriptoteket && docker compose -f compose.prod.yaml up -d --build --wait 2>&1 &&
docker compose -f compose.prod.yaml exec -T web npm run db-upgrade 2>&1`,
  );
}

/** Waits until the proxy leads to that version. */
export async function answers(app: Skriptoteket, version: string): Promise<void> {
  const end = Date.now() + 20_000;
  let last = "";
  while (Date.now() < end) {
    last = await app.version();
    if (last === version) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the proxy leads to ${last}, not to version ${version}`);
}

/** The app on a host of its own, running as version 1 behind a proxy, as tend finds it. */
export async function running(host: string, proxy: ProxyChoice, options = { fresh: true }): Promise<Skriptoteket> {
  if (options.fresh) await freshHost(host);
  const app = await skriptoteket(host, proxy);
  await startByHand(app);
  await startProxy(host, proxy);
  await answers(app, "1");
  return app;
}
