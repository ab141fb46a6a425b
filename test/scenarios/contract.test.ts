import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chosenFiles } from "../../packages/tend/src/compose-files/chosen.ts";
import { readComposeFiles, variablesOf } from "../../packages/tend/src/compose-files/files.ts";
import { resolveFiles } from "../../packages/tend/src/contract/resolve.ts";
import { type Composed, composedOf } from "../../packages/tend/src/contract/service.ts";
import { doctor, walksInto } from "../lab/doctor.ts";
import { freshHost, lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { send } from "../lab/legal.ts";
import { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();
const ZOO = fileURLToPath(new URL("../compose-zoo", import.meta.url));
const projects = readdirSync(ZOO, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const KEPT = `services:
  web:
    image: node:24-alpine
    init: true
    restart: unless-stopped
    user: node
    command: ["node", "-e", "setInterval(() => {}, 1000)"]
    environment:
      SESSION_SECRET: \${SESSION_SECRET}
    mem_limit: 128m
    logging: { driver: local }
    healthcheck:
      test: ["CMD", "node", "--version"]
      interval: 1s
    networks: [edge]
networks:
  edge: { external: true, name: edge-network }
`;
const BROKEN = KEPT.replace("    user: node\n", "")
  .replace("    mem_limit: 128m\n", "")
  .replace(/: \$\{SESSION_SECRET\}/, ": canary-in-the-file")
  .replace('["CMD", "node", "--version"]', "curl -f http://localhost/")
  .replace("init: true", "volumes: [/var/run/docker.sock:/var/run/docker.sock:ro, /data]");

const DECLARED = `fleet: home
hosts: { hemma: { ssh: hemma } }
proxies: { edge: { host: hemma, kind: nginx, container: nginx, network: edge-network } }
contract: default
apps:
  shop:
    host: hemma
    path: /srv/shop
    services: { web: { route: { domain: shop.example } } }
`;

describe("a contract, where Compose and the host have a say", () => {
  let workshop: Workshop;

  beforeAll(async () => {
    await freshHost(HOST);
    workshop = await Workshop.open();
    await workshop.sshAliases({ hemma: lab().hosts.find((one) => one.name === HOST)?.address as string });
    await workshop.write("tend.yaml", DECLARED);
    await on(
      HOST,
      "docker network create edge-network && mkdir -p /srv/shop && echo SESSION_SECRET=canary-in-the-env >/srv/shop/.env && chmod 600 /srv/shop/.env",
    );
  }, 120_000);

  afterAll(() => workshop?.close());

  const write = (compose: string) => on(HOST, "cat >/srv/shop/compose.yaml", compose);

  it("resolves the zoo's files as Compose itself does", async () => {
    await send(workshop, HOST, ZOO, ["."], "/srv/zoo");
    const config = (project: string) =>
      `cd /srv/zoo/${project} && docker compose ${filesOf(project)
        .map((file) => `-f ${file}`)
        .join(" ")} --profile '*' config --format json 2>/dev/null; printf '\\036'`;
    const answers = (await on(HOST, projects.map(config).join("\n"))).split("\u001e");
    for (const [at, project] of projects.entries()) {
      const compose = composedOf(JSON.parse((answers[at] as string).replaceAll("$$", "$")));
      expect(comparable(here(project, filesOf(project)), ""), project).toEqual(comparable(compose, `/srv/zoo/${project}`));
    }
  }, 120_000);

  it("is kept: nothing is found, and it is said what it was held to", async () => {
    await write(KEPT);
    await on(HOST, "cd /srv/shop && docker compose up -d --wait --quiet-pull 2>&1");
    const { exit, stdout } = await workshop.tend("check", "--contract", "--live");
    expect(stdout).toContain("✔ shop: 1 service, as the default contract asks");
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    expect((await doctor(workshop, "--only", "compose.contract")).findings).toEqual([]);
  }, 120_000);

  it("is broken by one line of the file, and doctor finds that alone", async () => {
    const up = "cd /srv/shop && docker compose up -d --wait 2>&1";
    // That there is no proxy is another fault.
    await workshop.edit("tend.yaml", (yaml) => yaml.replace(/^proxies: .*\n/m, ""));
    await walksInto(workshop, {
      name: "the compose file breaks the app's contract",
      finds: "compose.contract",
      on: "hemma/shop",
      inject: () => write(KEPT.replace("    mem_limit: 128m\n", "")).then(() => on(HOST, up)),
      undo: () => write(KEPT).then(() => on(HOST, up)),
    });
    await workshop.write("tend.yaml", DECLARED);
  }, 120_000);

  it("is broken: each breach has its place in the host's file, and no secret is told", async () => {
    await write(BROKEN);
    // It never becomes healthy: its check has no curl.
    await on(HOST, "cd /srv/shop && docker compose up -d 2>&1");
    const { exit, stdout } = await workshop.tend("check", "--contract", "--live");
    expect(stdout.split("\n").filter((line) => /^\S+:\d+:\d+ {2}/.test(line))).toEqual([
      "compose.yaml:2:3  error[contract.memory]: web has no memory limit",
      "compose.yaml:2:3  warning[contract.user]: web runs as root, as its image does",
      "compose.yaml:4:15  error[contract.socket]: web has the engine's socket",
      "compose.yaml:4:61  error[contract.volumes]: /data of web is an anonymous volume",
      "compose.yaml:8:7  error[contract.secrets]: SESSION_SECRET of web has its value in the file",
      "compose.yaml:11:7  warning[contract.healthcheck]: the health check of web runs curl, which its image hasn't",
    ]);
    expect(exit).toBe(3);
    expect(stdout).not.toContain("canary");

    const json = await workshop.tend("check", "--contract", "--live", "--json");
    const { contracts } = JSON.parse(json.stdout) as { contracts: { breaches: { rule: string; line: number }[] }[] };
    expect(contracts[0]?.breaches[0]).toMatchObject({ rule: "memory", file: "compose.yaml", line: 2, column: 3 });
    expect(json.stdout).not.toContain("canary");
  }, 120_000);

  it("shows in doctor as one finding, and keeps what was read out of the bundle", async () => {
    const bundle = join(workshop.folder, "doctor.json");
    const { findings, exit } = await doctor(workshop, "--only", "compose.contract", "--bundle", bundle);
    expect(findings).toMatchObject([{ id: "compose.contract", subject: "hemma/shop", severity: "warning" }]);
    expect(findings[0]?.evidence[0]).toBe("compose.yaml:2:3  error[contract.memory]: web has no memory limit");
    expect(exit).toBe(3);
    const text = readFileSync(bundle, "utf8");
    expect(text).toContain("contract.memory");
    expect(text).not.toContain("canary");
  }, 120_000);

  it("of files that Compose refuses can't be told, and that is no success", async () => {
    await write("services:\n  web: { image: x, nonsense: 1 }\n");
    const { exit, stdout } = await workshop.tend("check", "--contract", "--live");
    expect(stdout).toMatch(/\? shop: its contract can't be told: .*nonsense/);
    expect(exit).toBe(3);
  });
});

function filesOf(project: string): readonly string[] {
  if (project === "split") return ["compose.yaml", "compose.prod.yaml"];
  const read = (file: string) =>
    existsSync(join(ZOO, project, file)) ? readFileSync(join(ZOO, project, file), "utf8") : undefined;
  return chosenFiles((file) => read(file) !== undefined, variablesOf([read(".env")]));
}

function here(project: string, files: readonly string[]): Composed {
  const read = (name: string) => {
    const path = join(ZOO, project, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return resolveFiles(readComposeFiles({ files, variables: variablesOf([read(".env")]), read }), { project, profiles: ["*"] });
}

/** Without what only Compose knows: where the project's folder is, and what it calls its own networks. */
function comparable({ services, networks }: Composed, folder: string) {
  const relative = (path: string | undefined) => {
    if (path === undefined || !/^[./]/.test(path)) return path;
    const inside = folder !== "" && `${path}/`.startsWith(`${folder}/`) ? posix.relative(folder, path) : path;
    return posix.normalize(inside === "" ? "." : inside);
  };
  return {
    services: Object.fromEntries(
      [...services].toSorted().map(([name, { unsettled: _, build: __, ...service }]) => [
        name,
        {
          ...service,
          ports: service.ports.map(({ unsettled: _, ...port }) => port),
          volumes: service.volumes.map(({ unsettled: _, ...volume }) => ({ ...volume, source: relative(volume.source) })),
        },
      ]),
    ),
    external: [...networks].filter(([, { external }]) => external),
  };
}
