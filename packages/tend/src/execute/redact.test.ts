import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "./redact.ts";

describe("what looks like a secret is taken out", () => {
  test.each([
    ["postgresql://web:hunter2@db:5432/web", "postgresql://web:[REDACTED]@db:5432/web"],
    ["POSTGRES_PASSWORD=hunter2", "POSTGRES_PASSWORD=[REDACTED]"],
    ["POSTGRES_PASSWORD: hunter2", "POSTGRES_PASSWORD: [REDACTED]"],
    ['{"db_password":"hunter2","user":"web"}', '{"db_password":"[REDACTED]","user":"web"}'],
    ["ELECTRIC_SECRET=hunter2 PORT=3000", "ELECTRIC_SECRET=[REDACTED] PORT=3000"],
    ["SECRET_KEY_BASE=hunter2", "SECRET_KEY_BASE=[REDACTED]"],
    ["x-api-key: hunter2", "x-api-key: [REDACTED]"],
    ["curl -H 'Authorization: Bearer abcdefghijkl.mnop'", undefined],
    ["Bearer abcdefghijklmnop", "Bearer [REDACTED]"],
    ["basic d2ViOmh1bnRlcjI=", "basic [REDACTED]"],
    ["Cookie: session=hunter2; theme=dark", "Cookie: [REDACTED]"],
    ["password: 'two words, and more' user: web", "password: '[REDACTED]' user: web"],
    ['{\\"password\\":\\"hunter2\\",\\"user\\":\\"web\\"}', '{\\"password\\":\\"[REDACTED]\\",\\"user\\":\\"web\\"}'],
    ["psql --password hunter2 -h db", "psql --password [REDACTED] -h db"],
    ["Server=db;Password=hunter2;User=web", "Server=db;Password=[REDACTED]"],
    ["https://0123456789abcdef0123@errors.example/7", "https://[REDACTED]@errors.example/7"],
    ["amqp://web:p@ss@queue:5672", "amqp://web:[REDACTED]@queue:5672"],
    ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[REDACTED]"],
    ["AKIAIOSFODNN7EXAMPLE", "[REDACTED]"],
    ["AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0JQGFZ2Y", "[REDACTED]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl", "[REDACTED]"],
  ])("%s", (text, expected) => {
    const redacted = redact(text);
    if (expected === undefined) expect(redacted).not.toMatch(/abcdefghijkl/);
    else expect(redacted).toBe(expected);
  });

  test("a private key, cut off or not", () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nZm9v\n-----END OPENSSH PRIVATE KEY-----";
    expect(redact(`before\n${key}\nafter`)).toBe("before\n[REDACTED]\nafter");
    expect(redact(key.slice(0, 60))).toBe("[REDACTED]");
  });
});

describe("what people need to read stays", () => {
  test.each([
    "https://skriptoteket.example:8080/health answered 502",
    "git@forge.example:anna/skriptoteket.git",
    'relation "sandbox_snapshots" does not exist',
    "image registry.example/web@sha256:0123456789abcdef",
    'password authentication failed for user "legal"',
    "the token has expired",
    "Basic authentication failed",
    "12 checks passed: all",
  ])("%s", (text) => {
    expect(redact(text)).toBe(text);
  });

  test("redacting twice is redacting once", () => {
    fc.assert(fc.property(fc.string(), (text) => redact(redact(text)) === redact(text)));
  });
});

/** A secret as generators make them, quotes and blanks left out: those end a value. */
const secret = fc.stringMatching(/^[A-Za-z0-9!#$%^*()_+.?<>|[\]-]{8,40}$/);
const forms: Readonly<Record<string, (value: string) => string>> = {
  "KEY=value": (value) => `DB_PASSWORD=${value}`,
  "key=value in a sentence": (value) => `could not connect with password=${value} to db`,
  "key: value": (value) => `api_key: ${value}`,
  "a JSON string": (value) => JSON.stringify({ user: "web", secret: value }),
  "a JSON string with blanks": (value) => JSON.stringify({ credentials: value }, null, 2),
  "a quoted assignment": (value) => `export TOKEN="${value}"`,
  "a singly quoted assignment": (value) => `export TOKEN='${value}'`,
  "Python's repr": (value) => `{'password': '${value}'}`,
  "Elixir's inspect": (value) => `[hostname: "db", password: "${value}"]`,
  "a command line": (value) => `psql --password=${value} -h db`,
};

describe("a planted secret never survives", () => {
  test.each(Object.entries(forms))("as %s", (_, form) => {
    fc.assert(fc.property(secret, (value) => !redact(form(value)).includes(value)));
  });

  test("in a URL", () => {
    const password = fc.stringMatching(/^[A-Za-z0-9!$&*+,;=._~%-]{6,40}$/);
    fc.assert(fc.property(password, (value) => !redact(`amqp://web:${value}@queue:5672/x failed`).includes(value)));
  });

  test("after Bearer", () => {
    const token = fc.stringMatching(/^[A-Za-z0-9_.=-]{12,60}$/);
    fc.assert(fc.property(token, (value) => !redact(`authorization header was "Bearer ${value}"`).includes(value)));
    fc.assert(fc.property(token, (value) => !redact(`Authorization: Bearer ${value}`).includes(value)));
  });
});
