// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files have them
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULE_NAMES, type RuleName } from "../../model/contract.ts";
import { breachesOf, held } from "../testing.ts";

interface Case {
  /** The lines of the service `web`, the first of which is line 3. */
  readonly web: string;
  /** More of the file. */
  readonly rest?: string;
  readonly env?: string;
  /** What the rule is set to. Default: required. */
  readonly set?: string;
  /** More of the app in tend.yaml. */
  readonly app?: string;
}
type Bad = Case & { readonly says: readonly string[] };

const INDENT = "    ";

function projectOf(rule: RuleName, { web, rest = "", env, set = "required", app = "" }: Case) {
  const service = web.replace(/^(?=.)/gm, INDENT);
  return {
    files: { "compose.yaml": `services:\n  web:\n${service}\n${rest}`, ...(env === undefined ? {} : { ".env": env }) },
    app: `contract: { base: none, ${rule}: ${set} }\n${app}`,
  };
}

const ROUTE = "services: { web: { route: { domain: shop.example, proxy: edge } } }\n";
const EDGE = "networks:\n  edge: { external: true, name: edge-network }\n";

const good: Readonly<Record<RuleName, Readonly<Record<string, Case>>>> = {
  memory: {
    mem_limit: { web: "mem_limit: 512m" },
    "as swarm has it": { web: "deploy: { resources: { limits: { memory: 512M } } }" },
    "no more than asked for": { web: "mem_limit: 1.5gb", set: "2g" },
  },
  logs: {
    "a cap": { web: 'logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }' },
    "the driver is the engine's own by default": { web: "logging: { options: { max-size: 10m } }" },
    "a driver that caps by itself": { web: "logging: { driver: local }" },
    "not on the host's disk": { web: "logging: { driver: journald }" },
    "little enough": { web: 'logging: { options: { max-size: 10m, max-file: "3" } }', set: "30m" },
  },
  restart: {
    always: { web: "restart: always" },
    "by a variable": { web: "restart: ${RESTART:-unless-stopped}" },
    "as swarm has it": { web: "deploy: { restart_policy: { condition: any } }" },
    "the one that is asked for": { web: "restart: on-failure:3", set: "[on-failure]" },
    "a job that ends": { web: 'restart: "no"' },
  },
  healthcheck: {
    "with a tool of its image": { web: "image: postgres:17\nhealthcheck: { test: pg_isready -U postgres }" },
    "alpine has wget": { web: "image: redis:7.4-alpine\nhealthcheck: { test: [CMD, wget, -q, http://127.0.0.1/] }" },
  },
  user: {
    "a number": { web: 'user: "1000:1000"' },
    "the image gives root up by itself": { web: "image: postgres:17" },
    "in the file": { web: "user: node", set: "declared" },
  },
  tags: {
    "a version": { web: "image: caddy:2.10.0" },
    "a commit in the env file": { web: "image: registry.example:5000/shop:${TAG:-latest}", env: "TAG=4f2a9c1\n" },
    "a tag that a deploy sets": {
      web: "image: registry.example/shop:${TAG:-latest}",
      app: "source: { image: registry.example/shop, tag: { env: TAG } }\nservices: [web]\n",
    },
    "a digest": { web: `image: caddy@sha256:${"0".repeat(64)}`, set: "digest" },
    "what is built has no tag to pin": { web: "build: .\nimage: shop:latest" },
    "exact enough": { web: "image: node:24.1-slim", set: "exact" },
  },
  ports: {
    "a web server": { web: "ports: ['80:80', '443:443']" },
    "a database for this machine": { web: "ports: ['127.0.0.1:5432:5432']" },
    "a database for the private network": { web: "ports: ['192.168.1.5:5432:5432']" },
    "nothing at all": { web: "expose: ['5432']", set: "all" },
  },
  labels: {
    "all are there": {
      web: "labels: { traefik.enable: 'true', platform.owner: anna }",
      set: "[traefik.enable=true, platform.owner]",
    },
    "by a pattern, in a list": {
      web: "labels: ['traefik.http.routers.shop.rule=Host(`shop.example`)']",
      set: "['traefik.http.routers.*.rule']",
    },
    "nobody reaches it": {
      web: "image: redis:8.0",
      rest: "  front: { image: nginx:1.27 }\n",
      set: "[traefik.enable]",
    },
  },
  network: {
    "the proxy's": { web: "networks: [default, edge]", rest: EDGE, app: ROUTE },
    "Compose's own, of the files that have the proxy as well": {
      web: "image: x",
      rest: "  edge: { image: 'nginx:1.27', container_name: inner }\n",
      app: "services: { web: { route: { domain: shop.example, proxy: inner } } }\n",
    },
    "the one that is asked for": { web: "networks: [edge]", rest: EDGE, set: "[edge-network]" },
    "no route": { web: "image: redis:8.0", app: "services: [web, front]\n" },
  },
  socket: { "other folders": { web: "volumes: ['./data:/data', '/etc/localtime:/etc/localtime:ro']" } },
  secrets: {
    "a variable": { web: "environment: { DB_PASSWORD: '${DB_PASSWORD}', TOKEN: '${TOKEN:?set it}' }" },
    "taken from the shell": { web: "environment: [DB_PASSWORD]" },
    "a file": { web: "environment: { DB_PASSWORD_FILE: /run/secrets/db }" },
    "what only sounds like one": {
      web: "environment: { TOKEN_TTL: 3600s, PASSWORD_LENGTH: '12', RANDOM_ROOT_PASSWORD: 'yes', API_KEY: '' }",
    },
    "an address without a login": { web: "environment: ['DATABASE_URL=postgres://shop:${PW}@db:5432/shop']" },
    "the container's own variable": { web: 'command: sh -c "mysql --password $$PW"' },
  },
  privileged: { "a small capability": { web: "cap_add: [NET_BIND_SERVICE]\nnetwork_mode: bridge" } },
  volumes: {
    "a name and a folder": { web: "volumes: ['data:/data', './conf:/conf', '~/x:/x']", rest: "volumes: { data: }\n" },
    "a folder below, where its variable says that the data is": {
      web: "image: postgres:17\nenvironment: { PGDATA: /srv/pg }\nvolumes: ['./data:/srv/pg']",
    },
    "the newer database's folder, which has one for each version": {
      web: "image: postgres:18\nvolumes: ['data:/var/lib/postgresql']",
      rest: "volumes: { data: }\n",
    },
    "a database's data has a name": {
      web: "image: postgres:17\nvolumes: ['data:/var/lib/postgresql/data']",
      rest: "volumes: { data: }\n",
    },
  },
};

const bad: Readonly<Record<RuleName, Readonly<Record<string, Bad>>>> = {
  memory: {
    "no limit": { web: "image: x", says: ["compose.yaml:2:3  error[contract.memory]: web has no memory limit"] },
    "more than asked for": {
      web: "image: x\nmem_limit: 4g",
      set: "2g",
      says: ["compose.yaml:4:5  error[contract.memory]: web may take 4g of memory; at most 2g are asked for"],
    },
    "more, as swarm has it": {
      web: "deploy:\n  resources:\n    limits:\n      memory: 4G",
      set: "{ most: 2g, severity: warning }",
      says: ["compose.yaml:6:11  warning[contract.memory]: web may take 4g of memory; at most 2g are asked for"],
    },
  },
  logs: {
    "no logging": { web: "image: x", says: ["compose.yaml:2:3  warning[contract.logs]: the log of web has no end"] },
    "a driver without a cap": {
      web: "logging:\n  driver: json-file",
      says: ["compose.yaml:3:5  warning[contract.logs]: the log of web has no end"],
    },
    "too much": {
      web: 'logging:\n  options:\n    max-size: 50m\n    max-file: "3"',
      set: "100m",
      says: ["compose.yaml:5:9  warning[contract.logs]: the log of web may grow to 150m; at most 100m are asked for"],
    },
  },
  restart: {
    none: { web: "image: x", says: ["compose.yaml:2:3  warning[contract.restart]: web isn't started again when it ends"] },
    another: {
      web: "image: x\nrestart: on-failure",
      says: ["compose.yaml:4:5  warning[contract.restart]: web has restart: on-failure; always or unless-stopped is asked for"],
    },
    "none, as swarm has it": {
      web: "deploy:\n  restart_policy: { condition: none }",
      says: ["compose.yaml:4:7  warning[contract.restart]: web has restart: none; always or unless-stopped is asked for"],
    },
  },
  healthcheck: {
    none: { web: "image: postgres:17", says: ["compose.yaml:2:3  warning[contract.healthcheck]: web has no health check"] },
    "switched off": {
      web: "healthcheck: { disable: true }",
      says: ["compose.yaml:3:5  warning[contract.healthcheck]: the health check of web is switched off"],
    },
    "curl isn't in alpine": {
      web: "image: node:24-alpine\nhealthcheck:\n  test: curl -f http://localhost/",
      says: ["compose.yaml:5:7  warning[contract.healthcheck]: the health check of web runs curl, which its image hasn't"],
    },
    "no shell": {
      web: "image: gcr.io/distroless/static:1\nhealthcheck:\n  test: [CMD-SHELL, /app/check]",
      says: ["compose.yaml:5:7  warning[contract.healthcheck]: the health check of web runs sh, which its image hasn't"],
    },
  },
  user: {
    "root, in the file": { web: "user: '0:0'", says: ["compose.yaml:3:5  warning[contract.user]: web runs as root"] },
    "root, by the image": {
      web: "image: node:24",
      says: ["compose.yaml:2:3  warning[contract.user]: web runs as root, as its image does"],
    },
    "nobody named": {
      web: "image: postgres:17",
      set: "declared",
      says: ["compose.yaml:2:3  warning[contract.user]: web has no user in its compose file"],
    },
  },
  tags: {
    none: {
      web: "image: axllent/mailpit",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has no tag: that is latest"],
    },
    "one that moves": {
      web: "image: registry.example:5000/shop:latest",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has the tag latest, which moves"],
    },
    "moves, with a variant": {
      web: "image: ghcr.io/acme/shop:stable-alpine",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has the tag stable-alpine, which moves"],
    },
    "a variable that says latest": {
      web: "image: shop:${TAG}",
      env: "TAG=latest\n",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has the tag latest, which moves"],
    },
    "any minor version": {
      web: "image: postgres:17",
      set: "exact",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has the tag 17: any minor version"],
    },
    "no digest": {
      web: "image: caddy:2.10.0",
      set: "digest",
      says: ["compose.yaml:3:5  error[contract.tags]: the image of web has no digest"],
    },
  },
  ports: {
    "a database for everyone": {
      web: "ports:\n  - '80:80'\n  - '5432:5432'",
      says: ["compose.yaml:5:9  error[contract.ports]: web publishes port 5432 of PostgreSQL to everyone"],
    },
    "on another port, in the long form": {
      web: "ports:\n  - target: 6379\n    published: 16379\n    host_ip: 203.0.113.7",
      says: ["compose.yaml:4:9  error[contract.ports]: web publishes port 16379 of Redis on 203.0.113.7"],
    },
    "anything at all": {
      web: "ports: ['8080:80/tcp']",
      set: "all",
      says: ["compose.yaml:3:13  error[contract.ports]: web publishes port 8080 to everyone"],
    },
    "among a range": {
      web: "ports: ['27015-27017:27015-27017']",
      says: ["compose.yaml:3:13  error[contract.ports]: web publishes port 27017 of MongoDB to everyone"],
    },
    "beside a port that a variable decides": {
      web: "ports: ['${PORT}:80', '5432:5432']",
      says: ["compose.yaml:3:27  error[contract.ports]: web publishes port 5432 of PostgreSQL to everyone"],
    },
    "of one address, in brackets": {
      web: "ports: ['[::]:5432:5432']",
      says: ["compose.yaml:3:13  error[contract.ports]: web publishes port 5432 of PostgreSQL to everyone"],
    },
    "on the host's network": {
      web: "image: mariadb:11.4\nnetwork_mode: host",
      says: ["compose.yaml:4:5  error[contract.ports]: web has its database on every address of the host"],
    },
  },
  labels: {
    "one is missing": {
      web: "image: x\nlabels:\n  traefik.enable: 'true'",
      set: "[traefik.enable, platform.owner]",
      says: ["compose.yaml:4:5  error[contract.labels]: web has no label platform.owner"],
    },
    "another value": {
      web: "labels: [traefik.enable=false]",
      set: "[traefik.enable=true]",
      says: ["compose.yaml:3:5  error[contract.labels]: web has no label traefik.enable=true"],
    },
    "none at all": {
      web: "image: x",
      set: "{ need: [a.b], severity: info }",
      says: ["compose.yaml:2:3  info[contract.labels]: web has no label a.b"],
    },
  },
  network: {
    "off the proxy's": {
      web: "image: x",
      app: ROUTE,
      says: ["compose.yaml:2:3  error[contract.network]: web isn't on the network edge-network"],
    },
    "one of its own by that name": {
      web: "networks: [edge-network]",
      rest: "networks: { edge-network: {} }\n",
      app: ROUTE,
      says: [
        "compose.yaml:3:5  error[contract.network]: the network edge-network of web isn't external: Compose would make one of its own",
      ],
    },
    "off the one that is asked for": {
      web: "networks: [back]",
      rest: "networks: { back: }\n",
      set: "[proxy-net]",
      says: ["compose.yaml:3:5  error[contract.network]: web isn't on the network proxy-net"],
    },
  },
  socket: {
    "to read only": {
      web: "volumes:\n  - ./data:/data\n  - /var/run/docker.sock:/var/run/docker.sock:ro",
      says: ["compose.yaml:5:9  error[contract.socket]: web has the engine's socket"],
    },
    "beside a folder that a variable decides": {
      web: "volumes:\n  - ${DATA:-./data}:/data\n  - /var/run/docker.sock:/var/run/docker.sock",
      says: ["compose.yaml:5:9  error[contract.socket]: web has the engine's socket"],
    },
    "in the long form": {
      web: "volumes:\n  - { type: bind, source: /run, target: /host/run }",
      says: ["compose.yaml:4:9  error[contract.socket]: web has /run, with the engine's socket in it"],
    },
  },
  secrets: {
    "a password": {
      web: "environment:\n  DB_USER: shop\n  DB_PASSWORD: hunter22",
      says: ["compose.yaml:5:7  error[contract.secrets]: DB_PASSWORD of web has its value in the file"],
    },
    "as a default": {
      web: "environment:\n  - API_TOKEN=${API_TOKEN:-s3cr3t-hunter22}",
      says: ["compose.yaml:4:9  error[contract.secrets]: API_TOKEN of web has its value in the file"],
    },
    "in an address": {
      web: "environment: { DATABASE_URL: 'postgres://shop:hunter22@db/shop' }",
      says: ["compose.yaml:3:20  error[contract.secrets]: DATABASE_URL of web has its value in the file"],
    },
    "in the command": {
      web: "command:\n  - redis-server\n  - --requirepass hunter22",
      says: ["compose.yaml:5:9  error[contract.secrets]: the command of web has a secret in it"],
    },
    "in what it is built with": {
      web: "build:\n  context: .\n  args: [NPM_TOKEN=hunter22]",
      says: ["compose.yaml:5:14  error[contract.secrets]: NPM_TOKEN in build.args of web has its value in the file"],
    },
  },
  privileged: {
    "as YAML said it once": {
      web: "privileged: yes\nipc: ${IPC:-private}",
      says: ["compose.yaml:3:5  error[contract.privileged]: web is privileged"],
    },
    "everything at once": {
      web: "privileged: true\ncap_add:\n  - SYS_ADMIN\npid: host\nipc: host\nnetwork_mode: host\nsecurity_opt: [seccomp=unconfined]",
      says: [
        "compose.yaml:3:5  error[contract.privileged]: web is privileged",
        "compose.yaml:5:9  error[contract.privileged]: web has the capability SYS_ADMIN",
        "compose.yaml:6:5  error[contract.privileged]: web sees the host's processes",
        "compose.yaml:7:5  error[contract.privileged]: web shares the host's memory",
        "compose.yaml:8:5  error[contract.privileged]: web is on the host's own network",
        "compose.yaml:9:20  error[contract.privileged]: web has seccomp=unconfined",
      ],
    },
  },
  volumes: {
    "no name": {
      web: "volumes:\n  - ./a:/a\n  - /data",
      says: ["compose.yaml:5:9  error[contract.volumes]: /data of web is an anonymous volume"],
    },
    "the folder above a database's data": {
      web: "image: postgres:17\nvolumes: ['data:/var/lib/postgresql']",
      rest: "volumes: { data: }\n",
      says: [
        "compose.yaml:2:3  error[contract.volumes]: the data of web is in an anonymous volume: nothing is mounted on /var/lib/postgresql/data",
      ],
    },
    "a database's data has none": {
      web: "image: docker.io/library/mariadb:11.4",
      says: [
        "compose.yaml:2:3  error[contract.volumes]: the data of web is in an anonymous volume: nothing is mounted on /var/lib/mysql",
      ],
    },
  },
};

describe.each(RULE_NAMES)("the rule %s", (rule) => {
  test.each(Object.entries(good[rule]))("is kept: %s", (_, kept) => {
    expect(breachesOf(projectOf(rule, kept))).toEqual([]);
  });
  test.each(Object.entries(bad[rule]))("is broken: %s", (_, broken) => {
    const project = projectOf(rule, broken);
    expect(breachesOf(project)).toEqual(broken.says);
    expect(JSON.stringify(held(project))).not.toContain("hunter22");
  });
});

test("the guide has every rule", () => {
  const guide = readFileSync(join(import.meta.dirname, "../../../../../docs/guide/contract.md"), "utf8");
  expect(RULE_NAMES.filter((name) => !guide.includes(`| \`${name}\` |`))).toEqual([]);
});
