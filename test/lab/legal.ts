import { join } from "node:path";
import { type Target, version } from "./ask.ts";
import { imagesOf, lab, on, run } from "./lab.ts";
import { Workshop } from "./workshop.ts";

type Part = "backend" | "frontend";

export interface Legal {
  readonly workshop: Workshop;
  readonly host: string;
  readonly address: string;
  /** Images that call themselves by the tag, pushed to the registry; the host itself keeps none of them. */
  publish(tag: string, options?: { readonly parts?: readonly Part[]; readonly failStart?: string }): Promise<void>;
  /** What the lines of the server's env file are now. */
  env(): Promise<readonly string[]>;
  /** Starts nginx, which needs the app to be there when it loads. */
  startProxy(): Promise<void>;
  /** What each of the two says that it is, through nginx. */
  versions(): Promise<Readonly<Record<Part, string>>>;
  target(part: Part, path?: string): Target;
  close(): Promise<void>;
}

const DOMAIN = "legal.example";
export const FOLDER = "~/infrastructure";
export const COMPOSE = "docker compose -f docker/docker-compose.yml";

/** Three secrets that must not turn up anywhere but where they belong. */
export const SECRETS = { postgres: "postgres-canary-pw", legal: "legal-canary-pw", electric: "electric-canary-pw" };

/**
 * The rented server of the example: the infrastructure repository in its folder, another app of the same project
 * running, images of version 1 in the registry. PostgreSQL comes up with the app's first deploy, nginx after it.
 */
export async function legal(host: string): Promise<Legal> {
  const workshop = await Workshop.open();
  const address = lab().hosts.find((one) => one.name === host)?.address as string;
  await workshop.sshAliases({ hz: address });
  const folder = await workshop.example("legal");
  const images = imagesOf(host).legal;
  await send(workshop, host, folder, ["docker", "nginx", "data"], "~/infrastructure");
  await send(workshop, host, folder, ["backend", "frontend"], "~/sources");
  await on(
    host,
    `set -e
docker network create infra_network >/dev/null
printf 'FROM busybox\\nCMD ["httpd", "-f", "-p", "4001", "-h", "/etc"]\\n' | docker build --quiet --tag ${images}/auth:7 - >/dev/null
docker push --quiet ${images}/auth:7 >/dev/null
cat >~/infrastructure/docker/.env
chmod 640 ~/infrastructure/docker/.env
cd ~/infrastructure && ${COMPOSE} up -d --quiet-pull auth 2>&1`,
    `# The server's own settings.
POSTGRES_PASSWORD=${SECRETS.postgres}
LEGAL_DB_PASSWORD=${SECRETS.legal}
LEGAL_ELECTRIC_SECRET=${SECRETS.electric}

REGISTRY=${images}
LEGAL_BACKEND_TAG=1
LEGAL_FRONTEND_TAG=1
AUTH_TAG=7
`,
  );
  await workshop.declare("legal", (yaml) =>
    yaml
      .replace("container: infra_nginx,", `container: infra_nginx, url: "http://${address}",`)
      .replace("images: ghcr.io/acme", `images: ${images}`)
      .replace("./backend", "./legal/backend")
      .replace("./frontend", "./legal/frontend"),
  );
  const target = (part: Part, path = part === "backend" ? "/api/version" : "/version") => ({ address, domain: DOMAIN, path });
  const fixture: Legal = {
    workshop,
    host,
    address,
    async publish(tag, { parts = ["backend", "frontend"], failStart } = {}) {
      for (const part of parts) {
        const image = `${images}/legal-${part}:${tag}`;
        const args = `--build-arg APP_VERSION=${tag} --build-arg "FAIL_START=${failStart ?? ""}"`;
        await on(
          host,
          `docker build --quiet --tag ${image} ${args} ~/sources/${part} >/dev/null && docker push --quiet ${image} >/dev/null && docker image rm ${image} >/dev/null`,
        );
      }
    },
    async env() {
      return (await on(host, "cat ~/infrastructure/docker/.env")).split("\n");
    },
    async startProxy() {
      await on(host, `cd ~/infrastructure && ${COMPOSE} up -d --no-recreate --quiet-pull nginx 2>&1`);
    },
    async versions() {
      return { backend: await version(target("backend")), frontend: await version(target("frontend")) };
    },
    target,
    close: () => workshop.close(),
  };
  await fixture.publish("1");
  return fixture;
}

/** Folders of the workshop, to the host; a host needs no more for it than tar. */
export async function send(workshop: Workshop, host: string, from: string, names: readonly string[], to: string): Promise<void> {
  const archive = join(workshop.folder, "sent.tar");
  const packed = await run(["tar", "-C", from, "-cf", archive, ...names]);
  if (packed.exit !== 0) throw new Error(packed.stderr);
  const sent = await run([
    "sh",
    "-c",
    'ssh -F "$1" "$2" "mkdir -p $3 && tar -C $3 -xf -" <"$4"',
    "sh",
    lab().sshConfig,
    host,
    to,
    archive,
  ]);
  if (sent.exit !== 0) throw new Error(sent.stderr);
}
