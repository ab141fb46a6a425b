import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Target, version } from "./ask.ts";
import { imagesOf, lab, on } from "./lab.ts";
import { send } from "./legal.ts";
import { Workshop } from "./workshop.ts";

export interface Quartermaster {
  readonly workshop: Workshop;
  readonly host: string;
  readonly address: string;
  /** An image that calls itself by the tag, pushed to the registry; the host itself doesn't keep it. */
  publish(tag: string, options?: { readonly failStart?: string }): Promise<void>;
  env(): Promise<string>;
  version(): Promise<string>;
  target(path?: string): Target;
  login(password?: string): Promise<void>;
  close(): Promise<void>;
}

export interface Options {
  /** Where Traefik listens on the host. */
  readonly port?: number;
  /** What its images are built from: a folder of the examples. */
  readonly sources?: string;
  /** Changes the declaration further. */
  readonly declare?: (yaml: string) => string;
  /** Changes the compose file. */
  readonly compose?: (yaml: string) => string;
}

const DOMAIN = "quartermaster.example";
export const FOLDER = "/srv/quartermaster";

/**
 * The home lab of the example: a registry with a password that the host is logged in to, the data folder with its
 * owner, Traefik running and nothing behind it yet. The env file names a tag that was never pushed.
 */
export async function quartermaster(host: string, options: Options = {}): Promise<Quartermaster> {
  const { port = 80, sources = "quartermaster" } = options;
  const workshop = await Workshop.open();
  const { registry, hosts } = lab();
  const images = imagesOf(host).quartermaster;
  const address = hosts.find((one) => one.name === host)?.address as string;
  await workshop.sshAliases({ onyx: address });
  const folder = await workshop.example("quartermaster");
  await send(workshop, host, folder, ["infrastructure"], "/srv/traefik");
  const built = join(await workshop.example(sources.split("/")[0] as string), ...sources.split("/").slice(1));
  await send(workshop, host, built, ["."], "/srv/sources/quartermaster");
  const compose = await readFile(join(folder, "compose.yml"), "utf8");
  await on(
    host,
    `set -e
mkdir -p ${FOLDER} /mnt/quartermaster && chown 1000:1000 /mnt/quartermaster
docker network inspect proxy-net >/dev/null 2>&1 || docker network create proxy-net >/dev/null
cat >${FOLDER}/compose.yml
cd /srv/traefik/infrastructure && sed -i 's/"80:80"/"${port}:80"/' compose.yaml && docker compose up -d --pull always --quiet-pull 2>&1`,
    options.compose ? options.compose(compose) : compose,
  );
  await on(
    host,
    `cat >${FOLDER}/.env && chmod 640 ${FOLDER}/.env && chown ops:ops ${FOLDER}/.env`,
    `# Kept by hand, beside the runner.
REGISTRY=${images}
QUARTERMASTER_TAG=none-yet

# What is in there is nowhere else.
QUARTERMASTER_DATA=/mnt/quartermaster
`,
  );
  const change = options.declare ?? ((yaml: string) => yaml);
  await workshop.declare("quartermaster", (yaml) =>
    change(
      yaml
        .replace("onyx: local", "onyx: { ssh: [onyx] }")
        .replace("container: traefik,", `container: traefik, url: "http://${address}:${port}",`),
    ),
  );
  const target = (path = "/version") => ({ address, port, domain: DOMAIN, path });
  const login = async (password = registry.password) => {
    await on(host, `docker login --username ${registry.user} --password-stdin ${registry.address} >/dev/null 2>&1`, password);
  };
  await login();
  return {
    workshop,
    host,
    address,
    async publish(tag, { failStart } = {}) {
      const image = `${images}/quartermaster:${tag}`;
      const args = `--build-arg APP_VERSION=${tag} --build-arg "FAIL_START=${failStart ?? ""}"`;
      await on(
        host,
        `docker build --quiet --tag ${image} ${args} /srv/sources/quartermaster >/dev/null && docker push --quiet ${image} >/dev/null && docker image rm ${image} >/dev/null`,
      );
    },
    env: () => on(host, `cat ${FOLDER}/.env`),
    version: () => version(target()),
    target,
    login,
    close: () => workshop.close(),
  };
}
