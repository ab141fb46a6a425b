import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseAbout, schemaDigest, summarise } from "./about.ts";

const lines = (...all: readonly unknown[]) => Buffer.from(all.map((line) => `${JSON.stringify(line)}\n`).join(""));

const about = lines(
  { version: "PostgreSQL 17.11" },
  { version: "pg_dump (PostgreSQL) 17.11" },
  { head: "0041" },
  { object: ["table", "public", "users"], def: { columns: ["id bigint"] } },
  { object: ["table", "public", "Ångström"], def: null },
  { object: ["column", "public", "\u{10000}", "\uffff"], def: null },
  { rows: ["public", "users"], count: 12, hash: "ab" },
  { rows: ["public", "Ångström"], count: 30, hash: null },
  { sequence: ["public", "users_id_seq"], last: null, called: false },
  { global: "CREATE ROLE app;" },
  { setting: { search_path: "public" } },
);

test("the manifest's summary", () => {
  expect(summarise(about)).toEqual({
    schema: expect.stringMatching(/^[0-9a-f]{64}$/),
    tables: 2,
    rows: 42,
    versions: ["PostgreSQL 17.11", "pg_dump (PostgreSQL) 17.11"],
    head: "0041",
  });
  expect(summarise(lines({ version: "tar 1.35" }))).toEqual({ versions: ["tar 1.35"] });
  expect(summarise(Buffer.alloc(0))).toEqual({ versions: [] });
});

test("the schema's fingerprint is what a shell makes of it, in whatever order the lines come", () => {
  const sum = `grep '^{"object"' | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1`;
  expect(schemaDigest(about)).toBe(execFileSync("sh", ["-c", sum], { input: about, encoding: "utf8" }).trim());
  const turned = Buffer.from(
    about
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .reverse()
      .map((line) => `${line}\n`)
      .join(""),
  );
  expect(schemaDigest(turned)).toBe(schemaDigest(about));
});

test("lines that this tend doesn't know are kept, and ones that are none are refused", () => {
  expect(parseAbout(lines({ later: 1 }, { rows: "odd" }))).toEqual([
    { kind: "other", line: { later: 1 } },
    { kind: "other", line: { rows: "odd" } },
  ]);
  for (const text of ["{", "[]\n", "12\n", "\n", '{"a":1}\n{"b"', '{"head":"1"}\nnot json\n']) {
    expect(() => parseAbout(Buffer.from(text))).toThrow("about.jsonl, can't be read");
  }
});
