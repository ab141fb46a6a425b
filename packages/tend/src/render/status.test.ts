import { describe, expect, test } from "vitest";
import type { ReleaseEvent } from "../journal/events.ts";
import { runId } from "../model/names.ts";
import type { ServiceStatus } from "../runtime/runtime.ts";
import { type HostStatus, statusLines } from "./status.ts";

const at = "2026-11-20T20:14:07.000Z";
const service = (name: string, more: Partial<ServiceStatus> = {}): ServiceStatus => ({
  service: name,
  state: "running",
  health: "healthy",
  restarts: 0,
  ports: [],
  ...more,
});
const release = (number: number, of?: number) => ({ release: number, of, at: "2026-11-20T18:00:00Z" }) as ReleaseEvent;
const app = (more: Partial<HostStatus["apps"][number]> = {}) => ({
  name: "web",
  releases: [release(42)],
  services: [service("page")],
  kept: [],
  drift: [],
  ...more,
});
const lines = (host: Partial<HostStatus>) => statusLines({ fleet: "home", at, hosts: [{ name: "hemma", apps: [], ...host }] });

describe("the fleet at a glance", () => {
  test("is a line a host and a line an app", () => {
    expect(lines({ via: "hemma-local", uptimeSeconds: 41 * 86_400, diskPercent: 61, docker: "28.5", apps: [app()] })).toEqual([
      expect.stringMatching(/^home +20:14:07 UTC$/),
      expect.stringMatching(/^ {2}hemma +up 41 d {3}disk 61 % {3}docker 28\.5 {3}via hemma-local$/),
      expect.stringMatching(/^ {4}web +release 42 +2 h +page healthy$/),
    ]);
  });

  test("says which state a rollback brought back, and what tend has never deployed", () => {
    expect(lines({ apps: [app({ releases: [release(43, 41)] })] })[2]).toContain("release 43 (= 41)");
    expect(lines({ apps: [app({ releases: [] })] })[2]).toContain("not deployed by tend");
  });

  test("shows what is out of the ordinary under the app that it is about", () => {
    const unfinished = {
      run: runId.parse("r7k3") as NonNullable<ReturnType<typeof runId.parse>>,
      title: "deploy web",
      by: "anna",
      at,
    };
    const shown = lines({
      apps: [app({ drift: ["page runs another image than release 42"], problem: "no such folder", unfinished })],
    });
    expect(shown.slice(3)).toEqual([
      "      ✖ no such folder",
      "      ! page runs another image than release 42",
      "      ! run r7k3 (deploy web) by anna never ended: tend resume web",
    ]);
  });

  test.each<[Partial<ServiceStatus>, string]>([
    [{ health: "none" }, "page running"],
    [{ health: "unhealthy", restarts: 3 }, "page unhealthy, 3 restarts"],
    [{ state: "exited", exitCode: 137, health: "none" }, "page exited 137"],
    [{ state: "absent", health: "none" }, "page absent"],
    [{ ports: ["8080→80/tcp"] }, "page healthy 8080→80/tcp"],
  ])("a service of which %j is known reads: %s", (more, text) => {
    expect(lines({ apps: [app({ services: [service("page", more)] })] })[2]).toMatch(new RegExp(`${text}$`));
  });

  test("keeps a host that can't be reached in its place, with what is known", () => {
    const failure = { id: "host.unreachable", title: "hemma can't be reached", evidence: ["ssh: connection refused"] };
    expect(lines({ failure }).slice(1)).toEqual([
      expect.stringMatching(/^ {2}hemma +✖ hemma can't be reached$/),
      "    ssh: connection refused",
    ]);
  });
});
