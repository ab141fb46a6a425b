import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { surgeLabels } from "./swap.ts";

const router = (name: string, more: Record<string, string> = {}) => ({
  [`traefik.http.routers.${name}.rule`]: `Host(\`${name}.example\`)`,
  ...more,
});
const port = (service: string) => ({ [`traefik.http.services.${service}.loadbalancer.server.port`]: "8000" });

describe("the labels of a container that stands in", () => {
  test("give it a router of its own that wins, and a service of its own", () => {
    const labels = { "traefik.enable": "true", "traefik.docker.network": "proxy-net", ...router("web"), ...port("web") };
    expect(surgeLabels(labels, 8000)).toEqual({
      "traefik.enable": "true",
      "traefik.docker.network": "proxy-net",
      "traefik.http.routers.web-surge.rule": "Host(`web.example`)",
      "traefik.http.routers.web-surge.priority": "1000000",
      "traefik.http.routers.web-surge.service": "web-surge",
      "traefik.http.services.web-surge.loadbalancer.server.port": "8000",
    });
  });

  test("win over a priority that is declared", () => {
    const labels = { ...router("web", { "traefik.http.routers.web.priority": "42" }), ...port("web") };
    expect(surgeLabels(labels, 8000)["traefik.http.routers.web-surge.priority"]).toBe("1000000");
  });

  test("keep each router with the service that it names", () => {
    const labels = {
      ...router("api", { "traefik.http.routers.api.service": "api-svc" }),
      ...router("page", { "traefik.http.routers.page.service": "page-svc@docker" }),
      ...port("api-svc"),
      ...port("page-svc"),
    };
    expect(surgeLabels(labels, undefined)).toMatchObject({
      "traefik.http.routers.api-surge.service": "api-svc-surge",
      "traefik.http.routers.page-surge.service": "page-svc-surge",
    });
  });

  test("leave services and middlewares of others as they are", () => {
    const labels = router("web", {
      "traefik.http.routers.web.service": "elsewhere@file",
      "traefik.http.routers.web.middlewares": "auth@file,gzip",
      "traefik.http.middlewares.gzip.compress": "true",
    });
    expect(surgeLabels(labels, undefined)).toMatchObject({
      "traefik.http.routers.web-surge.service": "elsewhere@file",
      "traefik.http.routers.web-surge.middlewares": "auth@file,gzip",
      "traefik.http.middlewares.gzip.compress": "true",
    });
  });

  test("name a service where there is none, at the port that the route declares", () => {
    expect(surgeLabels(router("web"), 8000)).toMatchObject({
      "traefik.http.routers.web-surge.service": "tend-surge",
      "traefik.http.services.tend-surge.loadbalancer.server.port": "8000",
    });
  });

  test("keep a TCP router one", () => {
    const labels = { "traefik.tcp.routers.db.rule": "HostSNI(`*`)", "traefik.tcp.services.db.loadbalancer.server.port": "5432" };
    expect(surgeLabels(labels, undefined)).toEqual({
      "traefik.tcp.routers.db-surge.rule": "HostSNI(`*`)",
      "traefik.tcp.routers.db-surge.priority": "1000000",
      "traefik.tcp.routers.db-surge.service": "db-surge",
      "traefik.tcp.services.db-surge.loadbalancer.server.port": "5432",
    });
  });

  test("keep what is asked by HTTP and what by TCP apart", () => {
    const labels = {
      ...router("git"),
      ...port("git"),
      "traefik.tcp.routers.ssh.rule": "HostSNI(`*`)",
      "traefik.tcp.services.ssh.loadbalancer.server.port": "22",
    };
    expect(surgeLabels(labels, 3000)).toMatchObject({
      "traefik.http.routers.git-surge.service": "git-surge",
      "traefik.tcp.routers.ssh-surge.service": "ssh-surge",
    });
    const ofTcp = Object.fromEntries(Object.entries(labels).filter(([label]) => !label.includes("http.services")));
    expect(surgeLabels(ofTcp, 3000)).toMatchObject({
      "traefik.http.routers.git-surge.service": "tend-surge",
      "traefik.http.services.tend-surge.loadbalancer.server.port": "3000",
      "traefik.tcp.routers.ssh-surge.service": "ssh-surge",
    });
  });

  test("leave the service of another container to it", () => {
    const labels = { ...router("web", { "traefik.http.routers.web.service": "door" }), ...port("web") };
    expect(surgeLabels(labels, 8000)).toMatchObject({ "traefik.http.routers.web-surge.service": "door" });
  });

  test("whatever a service bears: no router or service is left that the old container has, too", () => {
    const name = fc.constantFrom("a", "b", "web", "api-v2");
    const kind = fc.constantFrom("http.routers", "http.services", "tcp.routers", "HTTP.Routers");
    const key = fc.constantFrom("rule", "service", "entrypoints", "tls", "priority", "loadbalancer.server.port");
    const labels = fc.dictionary(
      fc.tuple(kind, name, key).map(([one, two, three]) => `traefik.${one}.${two}.${three}`),
      fc.string({ maxLength: 5 }),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(labels, (given) => {
        const names = Object.keys(surgeLabels(given, 80)).flatMap(
          (label) => /\.(?:routers|services)\.([^.]+)\./i.exec(label)?.[1] ?? [],
        );
        for (const one of names) expect(one).toMatch(/-surge$/);
      }),
    );
  });
});
