import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseFleet } from "../../packages/tend/src/config/parse-fleet.ts";
import { engineProbe } from "../../packages/tend/src/init/engine.ts";
import type { App, Fleet, Service } from "../../packages/tend/src/model/fleet.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { COMPOSE, FOLDER, legal, SECRETS } from "../lab/legal.ts";
import { quartermaster } from "../lab/quartermaster.ts";
import { running } from "../lab/skriptoteket.ts";
import type { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();

/**
 * What a declaration means, as far as a host can tell. Left out, since no host can:
 * - what tend and its user call things: the fleet, the host, proxies, services, databases, files;
 * - `url` of a proxy, and further ssh names: how this machine reaches the host;
 * - `migrate`, `env`: which commands of the app do what;
 * - `backups`: where they go and how long they stay is a wish;
 * - `build`: folders of the developer's machine.
 */
function meaning(fleet: Fleet, app: App) {
  const folder = app.path.replace(/\/$/, "");
  return {
    runtime: app.runtime,
    files: app.compose.map((file) => `${folder}/${file}`),
    project: app.project,
    envFiles: app.envFiles,
    profiles: app.profiles,
    source: app.source.kind === "git" ? app.source : { kind: "images", tags: tagsOf(app) },
    services: byKey(app.services.map((service) => [service.compose, serviceMeaning(fleet, service)])),
    databases: app.databases.map(({ name: _, ...database }) =>
      database.kind === "postgres"
        ? { ...database, owner: database.owner ?? database.user, extensions: database.extensions.toSorted() }
        : database,
    ),
    kept: app.files.map(({ from }) => from),
  };
}

function serviceMeaning(fleet: Fleet, { role, route, probe, deadline, drain }: Service) {
  const proxy = route?.proxy ? fleet.proxies.get(route.proxy) : undefined;
  return {
    role,
    probe,
    deadline,
    drain,
    route: route && { ...route, paths: route.paths.toSorted(), proxy: proxy && [proxy.kind, proxy.container, proxy.network] },
  };
}

function tagsOf(app: App) {
  const tags = app.source.kind === "images" ? app.source.tags : new Map();
  return byKey(app.services.flatMap((service) => (tags.has(service.name) ? [[service.compose, tags.get(service.name)]] : [])));
}

function byKey(entries: readonly (readonly unknown[])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1)) as [string, unknown][]);
}

async function declared(workshop: Workshop, file: string, name: string) {
  const fleet = parseFleet(await readFile(join(workshop.folder, file), "utf8"), join(workshop.folder, file));
  const app = [...fleet.apps.values()].find((one) => one.name === name);
  if (!app) throw new Error(`${file} has ${[...fleet.apps.keys()]}`);
  return meaning(fleet, app);
}

/** Everything on the host that could have changed; what moves by itself (times, restarts of probes) aside. */
const STATE = `docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}' | sort
docker volume ls -q | sort; docker network ls -q | sort; docker image ls -q --no-trunc | sort
find ~ /srv /mnt -type f -not -path '*/.git/index' -not -path '*/.docker/*' -printf '%p %s %T@\\n' 2>/dev/null | grep -v -e '-shm ' -e '-wal ' | sort`;

async function initialise(workshop: Workshop, alias: string): Promise<{ readonly yaml: string; readonly said: string }> {
  const before = await on(HOST, STATE);
  const init = await workshop.tend("init", "--host", alias, "--file", "found.yaml");
  expect(init.exit, init.stdout + init.stderr).toBe(0);
  expect(await on(HOST, STATE)).toBe(before);
  expect(init.stdout).toMatch(/next +tend check --live/);
  return { yaml: await readFile(join(workshop.folder, "found.yaml"), "utf8"), said: init.stdout };
}

async function accepts(workshop: Workshop, ...apps: readonly string[]): Promise<void> {
  const check = await workshop.tend("check", "--live", "--file", "found.yaml", ...apps);
  expect(check.exit, check.stdout + check.stderr).toBe(0);
}

describe("init finds on a running server what its owner has written by hand", () => {
  let close: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await close?.();
    close = undefined;
  });

  it("the home server: a checkout, nginx-proxy, a database that others share; and a deploy goes by it", async () => {
    const app = await running(HOST, "nginx-proxy");
    close = () => app.close();
    const { yaml, said } = await initialise(app.workshop, "hemma");
    expect(await declared(app.workshop, "found.yaml", "skriptoteket"), yaml).toEqual(
      await declared(app.workshop, "tend.yaml", "skriptoteket"),
    );
    expect(yaml).not.toMatch(/canary|admin-pw/);
    const guide = await readFile(join(import.meta.dirname, "../../docs/guide/init.md"), "utf8");
    expect(guide).toContain(yaml);
    expect(guide).toContain(said.replace("found.yaml", "tend.yaml"));
    // Not even on the way: addresses are taken apart before they leave the host.
    const left = await on(HOST, engineProbe.script.text);
    expect(left).toContain('"user":"skriptoteket","rest":"shared-postgres:5432/skriptoteket"');
    expect(left).not.toMatch(/canary|admin-pw/);
    await accepts(app.workshop);

    const again = await app.workshop.tend("init", "--host", "hemma", "--file", "found.yaml");
    expect([again.exit, again.stderr]).toEqual([5, expect.stringContaining("init.exists")]);

    // Its name is in no DNS of a lab: this is the one line that its owner would add.
    await app.workshop.write(
      "found.yaml",
      yaml.replace("container: nginx-proxy,", `container: nginx-proxy, url: "http://${app.address}",`),
    );
    const commit = await app.publish("2");
    const deploy = await app.workshop.tend("deploy", "skriptoteket", "--file", "found.yaml");
    expect(deploy.exit, deploy.stdout + deploy.stderr).toBe(0);
    expect(await app.version()).toBe("2");
    expect(commit).toBeTruthy();
    const backup = await app.workshop.tend("backup", "skriptoteket", "--file", "found.yaml");
    expect(backup.exit, backup.stdout + backup.stderr).toBe(0);

    // What tend has left on the host changes nothing of what is found there.
    const later = await app.workshop.tend("init", "--host", "hemma", "--dry-run");
    expect(later.stdout.trim()).toBe(yaml.trim());
  }, 300_000);

  it("the rented server: three services of a project that other apps share, behind plain nginx", async () => {
    await freshHost(HOST);
    const app = await legal(HOST);
    close = () => app.close();
    await on(HOST, `cd ${FOLDER} && ${COMPOSE} up -d --wait --quiet-pull legal legal-frontend legal-electric 2>&1`);
    await app.startProxy();
    const { yaml } = await initialise(app.workshop, "hz");
    const byHand = await declared(app.workshop, "tend.yaml", "legal");
    expect(await declared(app.workshop, "found.yaml", "legal"), yaml).toEqual(byHand);
    for (const secret of Object.values(SECRETS)) expect(yaml).not.toContain(secret);
    await accepts(app.workshop);
  }, 300_000);

  it("the home lab: SQLite, Traefik, and a tag in the env file", async () => {
    await freshHost(HOST);
    const app = await quartermaster(HOST);
    close = () => app.close();
    await app.publish("3f2a91c");
    await on(HOST, "cd /srv/quartermaster && sed -i 's/none-yet/3f2a91c/' .env && docker compose up -d --wait --quiet-pull 2>&1");
    const { yaml } = await initialise(app.workshop, "onyx");
    expect(await declared(app.workshop, "found.yaml", "quartermaster"), yaml).toEqual(
      await declared(app.workshop, "tend.yaml", "quartermaster"),
    );
    await accepts(app.workshop);
  }, 300_000);
});
