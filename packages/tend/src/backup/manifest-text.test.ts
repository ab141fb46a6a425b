import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { manifestBody, manifestText, parseManifest } from "./manifest-text.ts";
import { manifestOf } from "./testing.ts";

const sealed = (body: string) => `{"seal":"${createHash("sha256").update(body).digest("hex")}","backup":${body}}\n`;
const reasonOf = (text: string) => {
  const parsed = parseManifest(text);
  return parsed.ok ? "accepted" : parsed.reason;
};

test("what is written is read back", () => {
  const manifest = manifestOf({ by: "Åsa 🐘", reason: 'a "reason"\n', release: 42, rows: 12 });
  const text = manifestText(manifest);
  expect(text).toMatch(/^\{"seal":"[0-9a-f]{64}","backup":\{[ -~]*\}\}\n$/);
  expect(parseManifest(text)).toEqual({ ok: true, manifest });
  expect(text).toBe(sealed(manifestBody(manifest)));
});

test("what a host wrote in UTF-8, and what a later tend added, is read too", () => {
  const body = JSON.stringify({ ...manifestOf({ by: "Åsa" }), later: { than: "this" } });
  expect(parseManifest(sealed(body))).toMatchObject({ ok: true, manifest: { by: "Åsa", later: { than: "this" } } });
});

test("no bit of it can change, and nothing can be missing", () => {
  const bytes = Buffer.from(manifestText(manifestOf({ by: "Å\ufffd" })));
  for (let at = 0; at < bytes.length * 8; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
    expect(parseManifest(flipped.toString("utf8")).ok).toBe(false);
  }
  for (let length = 0; length < bytes.length; length++) {
    expect(parseManifest(bytes.subarray(0, length).toString("utf8")).ok).toBe(false);
  }
  const text = bytes.toString("utf8");
  for (const changed of [`${text}\n`, ` ${text}`, `\ufeff${text}`, text + text, text.replace("\n", "\r\n"), text.toUpperCase()]) {
    expect(parseManifest(changed).ok).toBe(false);
  }
});

test("a reason says what is wrong", () => {
  const body = (change: object) => sealed(JSON.stringify({ ...manifestOf(), ...change }));
  expect(reasonOf("")).toBe("its manifest is empty");
  expect(reasonOf("{}\n")).toBe("its manifest was cut off or changed");
  expect(reasonOf(body({ v: 2 }))).toBe("its manifest has version 2; this tend knows version 1");
  expect(reasonOf(body({ v: undefined }))).toBe("its manifest has version undefined; this tend knows version 1");
  expect(reasonOf(body({ name: "../../etc" }))).toMatch(/^its manifest isn't as tend writes it: name: APP-DATABASE-/);
  expect(reasonOf(body({ at: "yesterday" }))).toBe("its manifest isn't as tend writes it: at: an instant in UTC");
  expect(reasonOf(body({ at: "2026-13-31T10:15:09Z" }))).toBe("its manifest isn't as tend writes it: at: an instant in UTC");
  expect(reasonOf(body({ files: {} }))).toBe("its manifest isn't as tend writes it: files: a file beside about.jsonl");
  expect(reasonOf(body({ files: { "../x": { bytes: 1, sha256: "a".repeat(64) } } }))).toMatch(/isn't as tend writes it: files/);
  expect(reasonOf(body({ files: { "data.dump": { bytes: -1, sha256: "a".repeat(64) } } }))).toMatch(/files.data.dump.bytes/);
  expect(reasonOf(body({ sealed: ["age1x"] }))).toBe(
    "its manifest isn't as tend writes it: files: sealed files exactly when there are recipients",
  );
  expect(reasonOf(sealed("{not json}"))).toBe("its manifest isn't as tend writes it: it is no JSON");
});
