// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files have them
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { Unreadable } from "../compose-files/document.ts";
import { toolsOf } from "./rules/life.ts";
import { held } from "./testing.ts";

const KEYS = [
  ...[
    "image",
    "build",
    "restart",
    "deploy",
    "mem_limit",
    "logging",
    "healthcheck",
    "user",
    "ports",
    "labels",
    "networks",
    "command",
  ],
  ...[
    "network_mode",
    "volumes",
    "privileged",
    "cap_add",
    "pid",
    "ipc",
    "security_opt",
    "environment",
    "extends",
    "profiles",
    "<<",
  ],
  ...["test", "options", "max-size", "external", "name", "file", "service", "args", "__proto__", "constructor"],
];
const word = fc.oneof(
  fc.constantFrom(
    "web",
    "db",
    "${TAG:-x}",
    "$",
    "${",
    "80:80",
    "[::1]:1-9:1-9",
    "/a:/b",
    ":",
    "",
    "no",
    "1g",
    "redis:latest",
    "\u001b[31m",
  ),
  fc.string({ maxLength: 12 }),
);
const key = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: word });
/** Whatever YAML can say, in the places where compose files say something. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.constantFrom(null, true, false, 0, -1, 3.5),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
}));
const services = fc.array(
  fc.tuple(
    fc.constantFrom("web", "db", "job"),
    fc.array(fc.tuple(key, value), { maxLength: 8 }).map((all) => new Map(all)),
  ),
);
const file = fc.record({
  services: services.map((all) => new Map(all)),
  networks: value,
  include: fc.option(value, { nil: undefined }),
});

describe("whatever a compose file says", () => {
  test("it is judged, or can't be read: nothing crashes", () => {
    fc.assert(
      fc.property(file, file, (one, other) => {
        const files = { "a.yaml": stringify(one), "b.yaml": stringify(other) };
        try {
          const { breaches } = held({ files, compose: ["a.yaml", "b.yaml"] });
          for (const { line, column, title } of breaches) {
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
            expect(title).not.toMatch(/[\u0000-\u001f]/);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
      { numRuns: 120 },
    );
  });

  test("any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        try {
          held({ files: { "compose.yaml": text } });
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("its secrets are never told", () => {
    const secret = fc.string({
      unit: fc.constantFrom(..."abcdefghjkmnpqrstuvwxyzABCDEFGH23456789+/=!%&"),
      minLength: 12,
      maxLength: 40,
    });
    const told = secret.filter((value) => !value.startsWith("/")); // what looks like a path is one
    const name = fc.constantFrom("DB_PASSWORD", "SECRET_KEY_BASE", "API_TOKEN", "apiKey", "JWT_SECRET", "PGPASSWORD");
    fc.assert(
      fc.property(
        told,
        name,
        fc.boolean(),
        fc.constantFrom("environment", "labels", "command", "args"),
        (value, variable, inList, where) => {
          const said = inList || where === "command" ? [`${variable}=${value}`] : { [variable]: value };
          const service = where === "args" ? { build: { context: ".", args: said } } : { image: "x", [where]: said };
          const judged = held({ files: { "compose.yaml": stringify({ services: { web: service } }) } });
          expect(JSON.stringify(judged)).not.toContain(JSON.stringify(value).slice(1, -1));
          if (where === "environment") expect(judged.breaches.map(({ rule }) => rule)).toContain("secrets");
        },
      ),
      { numRuns: 100 },
    );
  });

  test("aliases of aliases, and maps that merge themselves, come to an end", () => {
    const bomb = ["x0: &x0 [a]", ...Array.from({ length: 30 }, (_, at) => `x${at + 1}: &x${at + 1} [*x${at}, *x${at}]`)].join(
      "\n",
    );
    const many = [
      "x0: &x0 { a: b }",
      ...Array.from({ length: 40 }, (_, at) => `x${at + 1}: &x${at + 1} { <<: [*x${at}, *x${at}] }`),
    ].join("\n");
    expect(() => held({ files: { "compose.yaml": `${bomb}\nservices: { web: { labels: *x30 } }\n` } })).toThrow(Unreadable);
    expect(held({ files: { "compose.yaml": `${many}\nservices: { web: *x40 }\n` } }).services).toEqual(["web"]);
    expect(held({ files: { "compose.yaml": "services:\n  web: &web { <<: *web, image: a }\n" } }).services).toEqual(["web"]);
  });
});

test("a health check's programs are the first words of what it runs", () => {
  expect(toolsOf(["CMD", "curl", "-f", "x"])).toEqual(["curl"]);
  expect(toolsOf(["CMD-SHELL", "PGPASSWORD=x pg_isready -U a || exit 1"])).toEqual(["sh", "pg_isready"]);
  expect(toolsOf(["CMD-SHELL", "test -f /tmp/ready"])).toEqual(["sh"]);
  expect(toolsOf(["CMD"])).toEqual([]);
});
