// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files have them
import { describe, expect, test } from "vitest";
import type { RuleName } from "../model/contract.ts";
import { breachesOf, held } from "./testing.ts";

/** A service with these lines, and a contract of this rule alone. */
function projectOf(rule: RuleName, web: string) {
  return {
    files: { "compose.yaml": `services:\n  web:\n${web.replace(/^(?=.)/gm, "    ")}\n` },
    app: `contract: { base: none, ${rule}: required }\n`,
  };
}

describe("what can't be told", () => {
  const unknown = (web: string, rule: RuleName) => held(projectOf(rule, web)).unknown.map(({ what }) => what);

  test("is no breach: a variable has no value here", () => {
    expect(unknown("image: shop:${TAG:-latest}", "tags")).toEqual(["image of web, without a value for TAG"]);
    expect(unknown("mem_limit: ${LIMIT}", "memory")).toEqual(["mem_limit of web, without a value for LIMIT"]);
  });

  test("is said: what is in an image that nobody knows by its name", () => {
    expect(unknown("image: ghcr.io/acme/shop:1.0", "user")).toEqual(["which user the image of web runs as"]);
    expect(unknown("image: ghcr.io/acme/shop:1.0\nhealthcheck: { test: curl localhost }", "healthcheck")).toEqual([
      "whether the image of web has curl, for its health check",
    ]);
  });

  test("is known where the host was asked", () => {
    const project = projectOf("healthcheck", "image: ghcr.io/acme/shop:1.0\nhealthcheck: { test: curl localhost }");
    const has = (there: boolean) => held({ ...project, image: { tools: new Map([["curl", there]]) } });
    expect(has(true)).toMatchObject({ breaches: [], unknown: [] });
    expect(has(false).breaches).toHaveLength(1);
    expect(held({ ...projectOf("user", "image: me/x:1"), image: { user: "0" } }).breaches).toHaveLength(1);
  });
});

test("an exception needs a reason, and is told with it", () => {
  const project = {
    files: {
      "compose.yaml": "services:\n  web: { image: 'a:1', privileged: true }\n  agent: { image: 'b:1', privileged: true }\n",
    },
    app: "contract:\n  base: none\n  privileged: required\n  except: [{ service: agent, rule: privileged, because: it watches the host }]\n",
  };
  expect(breachesOf(project)).toEqual(["compose.yaml:2:24  error[contract.privileged]: web is privileged"]);
  expect(held(project).excepted).toEqual([{ rule: "privileged", service: "agent", because: "it watches the host" }]);
});
