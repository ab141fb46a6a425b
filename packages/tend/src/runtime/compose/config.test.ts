import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inStartOrder, parseConfig, unsetVariables } from "./config.ts";
import { recordedConfig } from "./testing.ts";

const service = (more: object, name = "web") => {
  const config = parseConfig(JSON.stringify({ name: "project", services: { [name]: more } }));
  const [only] = config.services.values();
  if (!only) throw new Error("no service");
  return only;
};

describe("what Compose resolved of the examples", () => {
  test("skriptoteket: built there, named there, on a network that others own", () => {
    const config = parseConfig(recordedConfig("skriptoteket"));
    expect(config).toMatchObject({ project: "skriptoteket", externalNetworks: ["edge-network"] });
    expect(config.services.get("web")).toMatchObject({
      image: "skriptoteket-web",
      built: true,
      containerName: "skriptoteket-web",
      hostPorts: [],
      healthcheck: { test: ["CMD", "node", "src/healthcheck.ts"], interval: 2, startPeriod: 20 },
      replicas: 1,
    });
  });

  test("legal: one project for several apps, whose order comes from what depends on what", () => {
    const config = parseConfig(recordedConfig("legal"));
    expect([...config.services.keys()].toSorted()).toEqual([
      "auth",
      "legal",
      "legal-electric",
      "legal-frontend",
      "nginx",
      "postgres",
    ]);
    expect(config.services.get("nginx")?.hostPorts).toEqual(["80→80/tcp"]);
    expect(inStartOrder(config, ["legal-electric", "legal"])).toEqual(["postgres", "legal-electric", "legal"]);
  });

  test("quartermaster: its labels are the proxy's to read", () => {
    const labels = parseConfig(recordedConfig("quartermaster")).services.get("quartermaster")?.labels;
    expect(labels).toMatchObject({
      "traefik.enable": "true",
      "traefik.http.services.quartermaster.loadbalancer.server.port": "8000",
    });
  });
});

describe("a service", () => {
  test.each([
    ["no healthcheck where it has none", {}, undefined],
    ["none where it is switched off", { healthcheck: { disable: true, test: ["CMD", "true"] } }, undefined],
    ["none where the image's is taken away", { healthcheck: { test: ["NONE"] } }, undefined],
    [
      "Docker's own interval where it says none",
      { healthcheck: { test: ["CMD", "true"] } },
      { test: ["CMD", "true"], interval: 30, startPeriod: 0 },
    ],
    [
      "its times in Go's notation",
      { healthcheck: { test: ["CMD", "true"], interval: "1m30s", start_period: "1h0m0.5s" } },
      { test: ["CMD", "true"], interval: 90, startPeriod: 3600.5 },
    ],
  ])("has %s", (_, more, healthcheck) => {
    expect(service(more).healthcheck).toEqual(healthcheck);
  });

  test("has the image that Compose would call it by where it names none", () => {
    expect(service({ build: { context: "." } }, "web").image).toBe("project-web");
  });

  test.each([
    [{ ports: [{ target: 80 }] }, ["any→80/tcp"]],
    [{ ports: [{ published: "5353", target: 53, protocol: "udp" }] }, ["5353→53/udp"]],
  ])("of %j holds %j", (more, ports) => {
    expect(service(more).hostPorts).toEqual(ports);
  });

  test("counts its replicas, by either name", () => {
    expect([service({ deploy: { replicas: 3 } }).replicas, service({ scale: 2 }).replicas, service({}).replicas]).toEqual([
      3, 2, 1,
    ]);
  });

  test("has a fixed address where a network gives it one", () => {
    const networks = { a: { ipv4_address: "10.0.0.9" }, b: null, c: { aliases: ["www"] } };
    expect([...service({ networks }).networks]).toEqual([
      ["a", { aliases: [], fixedAddress: true }],
      ["b", { aliases: [], fixedAddress: false }],
      ["c", { aliases: ["www"], fixedAddress: false }],
    ]);
  });
});

test("whatever depends on whatever: each service comes once, and after what it needs, unless they need each other", () => {
  const names = ["a", "b", "c", "d", "e"];
  const graph = fc.dictionary(fc.constantFrom(...names), fc.uniqueArray(fc.constantFrom(...names)), { noNullPrototype: true });
  fc.assert(
    fc.property(graph, (needs) => {
      const services = Object.fromEntries(
        names.map((name) => [name, { depends_on: Object.fromEntries((needs[name] ?? []).map((one) => [one, {}])) }]),
      );
      const order = inStartOrder(parseConfig(JSON.stringify({ name: "p", services })), names);
      expect([...order].toSorted()).toEqual(names);
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        (needs[from] ?? []).some((one) => one === to || (!seen.has(one) && reaches(one, to, seen.add(one))));
      for (const name of names)
        for (const needed of needs[name] ?? [])
          if (!reaches(needed, name)) expect(order.indexOf(needed)).toBeLessThanOrEqual(order.indexOf(name));
    }),
  );
});

test("variables that Compose had to leave blank are told, each once", () => {
  const stderr = [
    'time="2026-11-20T08:00:00Z" level=warning msg="The \\"DB_PASSWORD\\" variable is not set. Defaulting to a blank string."',
    'time="2026-11-20T08:00:00Z" level=warning msg="The \\"DB_PASSWORD\\" variable is not set. Defaulting to a blank string."',
    'WARN[0000] The "TAG" variable is not set. Defaulting to a blank string.',
    'level=warning msg="/srv/compose.yaml: `version` is obsolete"',
  ].join("\n");
  expect(unsetVariables(stderr)).toEqual(["DB_PASSWORD", "TAG"]);
});
