import { describe, expect, test } from "vitest";
import { type Changes, cases, container, judged, YAML } from "../../testing.ts";
import { proxyVersion } from "./configuration.ts";
import { networkChoice } from "./networks.ts";
import { proxyNetwork, routerConflict } from "./way.ts";

const WEB = "hemma/skriptoteket/web";
const PROXY = "hemma/nginx-proxy";
const REFUSED = { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" };
const unasked = { containers: REFUSED } satisfies Changes;
const network = (name: string, address: string) => ({ [name]: { IPAddress: address, Aliases: ["web"] } });

// The healthy host of Traefik: the same containers, with labels.
const TRAEFIK = YAML.replace("kind: nginx-proxy", "kind: traefik");
const RULE = { "traefik.enable": "true", "traefik.http.routers.web.rule": "Host(`skriptoteket.example`)" };
const labelled =
  (more: Readonly<Record<string, string>>, networks?: object) =>
  (recorded: string): string =>
    container("skriptoteket-web", (raw) => ({
      labels: { ...(raw["labels"] as object), ...RULE, ...more },
      ...(networks ? { networks } : {}),
    }))(recorded);
const arguments_ = (version: string, engine: string, ...log: readonly string[]) =>
  `@@ engine ${engine}\n@@ edge state running\n@@ edge version\n${version}\n@@ edge configuration\n--providers.docker=true\n\n@@ edge said\nexit 0\n@@ edge log\n${log.map((line) => `2026-11-20T13:50:00Z ${line}\n`).join("")}`;

cases(proxyVersion, {
  yaml: TRAEFIK,
  good: {
    "new enough": { proxies: arguments_("3.6.1", "29.0.1") },
    "old, on an old Docker": { proxies: arguments_("3.1.2", "26.1.5") },
    "of version 2, and new enough": { proxies: arguments_("2.11.31", "29.0.1") },
  },
  bad: {
    "too old": {
      seen: { proxies: arguments_("3.5.9", "29.0.1") },
      on: PROXY,
      says: "Traefik 3.5.9 is too old for Docker 29.0.1",
    },
    "of version 2, and too old": { seen: { proxies: arguments_("2.11.30", "29.0.1") }, on: PROXY, says: "2.11.30 is too old" },
    "it says so itself": {
      seen: {
        proxies: arguments_(
          "",
          "29.1.0",
          "ERR Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44",
        ),
      },
      on: PROXY,
      says: "client version 1.24 is too old",
    },
  },
  unmeasurable: { "the engine refuses": { proxies: REFUSED } },
});

const TWO = { ...network("edge-network", "172.18.0.3"), ...network("other", "172.19.0.3") };
cases(networkChoice, {
  yaml: TRAEFIK,
  good: {
    "a label names one": { containers: labelled({ "Traefik.Docker.Network": "edge-network" }, TWO) },
    "Traefik's own setting does": {
      containers: labelled({}, TWO),
      proxies: arguments_("3.6.1", "29.0.1").replace("--providers.docker=true", "--providers.docker.network=edge-network"),
    },
  },
  bad: {
    "none does": { seen: { containers: labelled({}, TWO) }, on: WEB, says: "from other nothing answers" },
    "a label names one that the container isn't on": {
      seen: { containers: labelled({ "traefik.docker.network": "edge" }, TWO) },
      on: WEB,
      says: "names one of them",
    },
  },
  unmeasurable: { "the engine refuses": { proxies: REFUSED, containers: labelled({}, TWO) } },
});

describe(`${proxyNetwork.id}, behind Traefik`, () => {
  const found = (label: string) =>
    judged(proxyNetwork, { containers: labelled({ "traefik.docker.network": label }, TWO) }, TRAEFIK).findings;

  test("a label that names a network of the container's alone is to name the one that both are on", () => {
    expect(found("other")).toMatchObject([
      { id: "proxy.network", subject: WEB, fix: { text: expect.stringContaining("write edge-network") } },
    ]);
  });

  test("a label that names none of the container's networks is left to the choice that Traefik then has", () => {
    expect(found("edge")).toEqual([]);
  });
});

describe(routerConflict.id, () => {
  const both = (other: Readonly<Record<string, string>>): Changes => ({
    containers: (recorded) => container("shared-postgres", () => ({ labels: { ...RULE, ...other } }))(labelled({})(recorded)),
  });

  test("is found where two containers say different things of one router, and not where they agree", () => {
    const { findings } = judged(routerConflict, both({ "traefik.http.routers.web.rule": "Host(`old.example`)" }), TRAEFIK);
    expect(findings).toMatchObject([{ id: "proxy.router.conflict", subject: WEB }]);
    expect(findings[0]?.evidence.join("\n")).toContain("shared-postgres: rule=Host(`old.example`)");
    expect(judged(routerConflict, both({}), TRAEFIK).findings).toEqual([]);
  });

  test("isn't told of a router that has nothing to do with the domain", () => {
    const admin = (host: string) => ({ "traefik.http.routers.admin.rule": `Host(\`${host}\`)` });
    const seen: Changes = {
      containers: (recorded) =>
        container("shared-postgres", () => ({ labels: admin("b.example") }))(labelled(admin("a.example"))(recorded)),
    };
    expect(judged(routerConflict, seen, TRAEFIK).findings).toEqual([]);
  });

  test("is unknown where the engine refuses", () => {
    expect(judged(routerConflict, unasked, TRAEFIK)).toMatchObject({ findings: [], unknown: [{ id: "proxy.router.conflict" }] });
  });
});
