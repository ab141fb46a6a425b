import { expect, test } from "vitest";
import { createLog } from "./log.ts";

function collect(format: "json" | "console") {
  const lines: string[] = [];
  const now = () => new Date("2026-11-20T03:00:00Z");
  const log = createLog({ service: "web", environment: "test", format, now, write: (line) => lines.push(line) });
  return { log, lines };
}

test("a JSON line carries what the runbook greps for", () => {
  const { log, lines } = collect("json");
  log.with({ correlation_id: "abc" }).error("login_failed", { error: "OperationalError: refused" });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    timestamp: "2026-11-20T03:00:00.000Z",
    level: "error",
    event: "login_failed",
    "service.name": "web",
    "deployment.environment": "test",
    correlation_id: "abc",
    error: "OperationalError: refused",
  });
});

test("a value with line breaks stays on one line", () => {
  const { log, lines } = collect("json");
  log.info("odd", { text: "one\ntwo" });
  expect(lines[0]?.split("\n")).toHaveLength(2);
});

test("the console format is for people", () => {
  const { log, lines } = collect("console");
  log.info("tool_added", { slug: "merge-lists" });
  expect(lines).toEqual(["2026-11-20T03:00:00.000Z info    tool_added slug=merge-lists\n"]);
});
