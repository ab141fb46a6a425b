import { describe, expect, test } from "vitest";
import type { Service } from "../../model/fleet.ts";
import { parseConfig } from "./config.ts";
import { strategyFor } from "./strategy.ts";
import { container, placeOf, recordedConfig } from "./testing.ts";

const place = placeOf("skriptoteket");
const service = place.app.services[0] as Service;
const config = parseConfig(recordedConfig("skriptoteket")).services.get("web");
if (!config) throw new Error("the example has no web");
const proxy = { ...[...place.fleet.proxies.values()][0], up: true } as NonNullable<Parameters<typeof strategyFor>[3]>;
const running = [container("web")];

describe("a service gets its next release", () => {
  test("without downtime where a proxy leads to it and two of it may run at once", () => {
    expect(strategyFor(service, config, running, proxy)).toEqual({ kind: "surge", proxy });
  });

  test("by being started where it doesn't run", () => {
    expect(strategyFor(service, config, [], proxy)).toEqual({ kind: "start" });
  });

  test.each<[string, Partial<Service>, Partial<typeof config>, string]>([
    ["writes alone", { role: "single-writer" }, {}, "it is the only writer of its data"],
    ["has no users that could notice", { role: "worker" }, {}, "no route leads to it"],
    ["runs once", { role: "one-off" }, {}, "it runs once and ends"],
    ["holds a port of the host", {}, { hostPorts: ["8080→80/tcp"] }, "it holds the host's port 8080→80/tcp"],
    ["is on the host's network", {}, { networkMode: "host" }, "its network mode is host"],
    ["has a fixed address", {}, { networks: new Map([["a", { aliases: [], fixedAddress: true }]]) }, "its address is fixed"],
    ["has replicas", {}, { replicas: 2 }, "it has 2 replicas"],
  ])("with a gap, and the reason said, where it %s", (_, more, resolved, because) => {
    expect(strategyFor({ ...service, ...more }, { ...config, ...resolved }, running, proxy)).toEqual({
      kind: "recreate",
      because,
    });
  });

  test("with a gap where no proxy is known, or it isn't up", () => {
    expect(strategyFor(service, config, running, undefined)).toMatchObject({ kind: "recreate" });
    expect(strategyFor(service, config, running, { ...proxy, up: false })).toMatchObject({
      because: "its proxy nginx-proxy isn't running",
    });
  });
});
