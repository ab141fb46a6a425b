import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Route } from "../model/fleet.ts";
import { container, hostName, proxyName } from "../model/names.ts";
import { proxies } from "./index.ts";
import type { Swapping } from "./proxy.ts";

const swapping = (kind: keyof typeof proxies): Swapping => ({
  proxy: {
    name: proxyName.parse("edge") as NonNullable<ReturnType<typeof proxyName.parse>>,
    host: hostName.parse("box") as NonNullable<ReturnType<typeof hostName.parse>>,
    kind,
    container: container.parse("the-proxy") as NonNullable<ReturnType<typeof container.parse>>,
  },
  route: { domain: "web.example", paths: ["/"], port: 8000 } as Route,
  service: "web",
  container: "app-web-1",
  surge: "app-web-1-surge-r1abc",
  old: "c0ffee00c0ff",
  labels: {},
  drain: 10,
});
const texts = (kind: keyof typeof proxies) => {
  const [rules, swap] = [proxies[kind], swapping(kind)];
  const text = (phase: "toSurge" | "retireOld" | "toMain" | "afterSurge") => rules[phase](swap).map((script) => script.text);
  return {
    overlay: rules.overlay(swap),
    toSurge: text("toSurge"),
    retireOld: text("retireOld"),
    toMain: text("toMain"),
    afterSurge: text("afterSurge"),
  };
};

describe("requests are moved from one container to the other", () => {
  test("behind plain nginx: by the one address that it finds while it is reloaded", () => {
    const { toSurge, retireOld, toMain, afterSurge } = texts("nginx");
    for (const [phase, name] of [
      [toSurge, "app-web-1-surge-r1abc"],
      [toMain, "app-web-1"],
    ] as const) {
      const [point, reload, settle, forget] = phase;
      expect(point).toContain(`.IPAddress}}{{end}}" ${name}`);
      expect(point).toContain("sh '# tend app-web-1;' \"$address \"'app-web-1 web # tend app-web-1;'");
      expect([reload, settle]).toEqual(["docker exec the-proxy nginx -s reload", "sleep 1"]);
      expect(forget).toMatch(/>\/etc\/hosts' sh '# tend app-web-1;' \|\| true$/);
    }
    // Where the file is sealed, nginx knows both by their names, and forgets the one that stopped by another reload.
    const sealed = "docker exec --user 0 the-proxy test -w /etc/hosts || docker exec the-proxy nginx -s reload";
    expect(retireOld).toEqual(["docker stop --time 10 c0ffee00c0ff", sealed]);
    expect(afterSurge).toEqual([sealed]);
  });

  test("what is written into /etc/hosts goes again, and other lines stay", () => {
    const point = texts("nginx").toSurge[0] ?? "";
    const script = /-c ('kept=.*?>)\/etc\/hosts'/.exec(point)?.[1] ?? "";
    const run = (hosts: string, ...argv: readonly string[]) => {
      const file = join(mkdtempSync(join(tmpdir(), "tend-hosts-")), "hosts");
      writeFileSync(file, hosts);
      const text = script.replace(/^'/, "").replaceAll("/etc/hosts", file);
      execFileSync("sh", ["-c", `${text}${file}`, "sh", ...argv]);
      return readFileSync(file, "utf8");
    };
    const before = "127.0.0.1\tlocalhost\n10.0.0.2 other # tend other-app\n";
    const pointed = run(before, "# tend web", "10.0.0.9 web # tend web");
    expect(pointed).toBe(`${before}10.0.0.9 web # tend web\n`);
    expect(run(pointed, "# tend web")).toBe(before);
  });

  test("behind Caddy: by the name alone, which it looks up for every connection", () => {
    expect(texts("caddy")).toMatchObject({ overlay: { aliases: ["app-web-1"] }, retireOld: [], afterSurge: [] });
  });

  test("behind nginx-proxy: by new workers, who bar nobody; where there are none, by waiting longer than the 10 s of a bar", () => {
    const { toSurge, toMain, overlay } = texts("nginx-proxy");
    for (const phase of [toSurge, toMain]) {
      expect(phase).toEqual(["if docker exec the-proxy nginx -s reload; then sleep 2; else sleep 11; fi"]);
    }
    expect(overlay.aliases).toEqual([]);
  });

  test("behind Traefik: by routers that win, and a surge that says that it is unwell before it goes", () => {
    const { overlay, toMain } = texts("traefik");
    expect(overlay.drainFile).toBe("/tmp/tend-drain");
    expect(toMain.join("\n")).toMatch(
      /^sleep 3\ndocker exec app-web-1-surge-r1abc touch \/tmp\/tend-drain\nwhile .*= healthy \]/,
    );
  });

  test.each(Object.keys(proxies) as (keyof typeof proxies)[])("%s is registered under the kind that it calls itself", (kind) => {
    expect(proxies[kind].kind).toBe(kind);
  });
});
