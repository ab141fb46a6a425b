import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freshHost, lab, on } from "../lab/lab.ts";
import { Origin, Workshop } from "../lab/workshop.ts";
import type { RuntimeFixture } from "./runtime-harness.ts";
import { WEB } from "./runtime-process-fixture.ts";

const COMPOSE = `services:
  web:
    build: .
    container_name: shop-web
    env_file: .env
    environment: { PORT: "8000", HOST: 0.0.0.0 }
    networks: [edge]
    healthcheck: { test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:8000/health').catch(() => process.exit(1))"], interval: 1s, start_period: 10s }
networks:
  edge: { external: true }
`;
const DOCKERFILE = 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nCMD ["node", "main.mjs"]\n';
const CADDY = `docker network create edge >/dev/null
mkdir -p ~/caddy && printf ':80 {\\n  reverse_proxy shop-web:8000 { \\n lb_try_duration 3s \\n } \\n}\\n' > ~/caddy/Caddyfile
docker run -d --name caddy --restart unless-stopped --network edge -p 80:80 -v ~/caddy/Caddyfile:/etc/caddy/Caddyfile:ro caddy:2 >/dev/null`;

/** The contract's app as a compose project on a lab host, built there from a checkout, behind Caddy. */
export async function composeFixture(host: string): Promise<RuntimeFixture> {
  await freshHost(host);
  const workshop = await Workshop.open();
  const address = lab().hosts.find((one) => one.name === host)?.address as string;
  await workshop.sshAliases({ shop: address });
  // The contract opens its sessions in this very process.
  process.env["TEND_SSH_CONFIG"] = workshop.env["TEND_SSH_CONFIG"];
  const folder = join(workshop.folder, "shop");
  await mkdir(folder);
  const files = {
    "main.mjs": WEB,
    "compose.yaml": COMPOSE,
    Dockerfile: DOCKERFILE,
    ".gitignore": ".env\n",
    VERSION: "zero\n",
    BROKEN: "\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const origin = await Origin.create(workshop, host, "shop", folder);
  await on(host, `git clone --quiet ${origin.path} ~/shop && ${CADDY}`);
  const setSeason = async (season: string) => {
    // Double quotes in a .env of Compose: only the dollar has a meaning of its own.
    await on(host, "umask 077; cat > ~/shop/.env", `SEASON="${season.replaceAll("$", "\\$")}"\n`);
  };
  await setSeason("spring");
  await workshop.write(
    "tend.yaml",
    `fleet: test
hosts: { shop: { ssh: shop } }
proxies: { caddy: { host: shop, kind: caddy, container: caddy, url: "http://${address}" } }
apps:
  shop:
    host: shop
    path: ~/shop
    compose: compose.yaml
    source: { git: main }
    env: { GREETING: hello }
    services: { web: { route: { domain: shop.example, port: 8000 }, probe: /health, deadline: 20s, drain: 5s } }
`,
  );
  return {
    declaration: join(workshop.folder, "tend.yaml"),
    app: "shop",
    url: `http://${address}`,
    async publish(version, { broken = "" } = {}) {
      await writeFile(join(folder, "VERSION"), `${version}\n`);
      await writeFile(join(folder, "BROKEN"), `${broken}\n`);
      await origin.commit(version);
      return {};
    },
    setSeason,
    close: () => workshop.close(),
  };
}
