import { describe, expect, test } from "vitest";
import { catalogue, find, newestVerified } from "./catalogue.ts";
import { manifestText } from "./manifest-text.ts";
import { listedOf, manifestOf } from "./testing.ts";

const [june, july] = [manifestOf({ at: "2026-06-30T10:00:00Z" }), manifestOf({ at: "2026-07-31T10:00:00Z" })];
const files = manifestOf({ subject: "files", kind: "files", at: "2026-07-01T00:00:00Z" });

describe("the catalogue", () => {
  test("has a backup once, with the state of each of its copies, the oldest first", () => {
    const lost = { ...listedOf(july), files: { "about.jsonl": 2 } };
    const entries = catalogue("legal", [
      { at: "~/backups", listed: [listedOf(july), listedOf(files), listedOf(june)] },
      { at: "s3://backups", listed: [lost] },
    ]);
    expect(entries.map(({ at, subject }) => [at, subject])).toEqual([
      [june.at, "core"],
      [files.at, "files"],
      [july.at, "core"],
    ]);
    expect(entries[2]).toEqual({
      name: july.name,
      app: "legal",
      subject: "core",
      at: july.at,
      manifest: july,
      copies: [
        { at: "~/backups", state: "good", manifest: july },
        { at: "s3://backups", state: "broken", reason: "data.dump is missing" },
      ],
    });
  });

  test.each([
    ["no manifest", { manifest: "" }, "it has no manifest, or none that can be read"],
    ["a manifest that changed", { manifest: manifestText(july).replace("anna", "anne") }, /doesn't match its own seal/],
    ["another's manifest", { manifest: manifestText(june) }, `its manifest is that of ${june.name}`],
    ["another app's", { manifest: manifestText({ ...july, app: "other" }) }, "its manifest is of other"],
    ["a file that is too short", { files: { "data.dump": 2, "about.jsonl": 2 } }, "data.dump has 2 bytes of 3"],
    ["no file", { files: {} }, "data.dump is missing"],
  ])("calls a backup broken that has %s", (_, change, reason) => {
    const [entry] = catalogue("legal", [{ at: "~/backups", listed: [{ ...listedOf(july), ...change }] }]);
    expect(entry).toMatchObject({ subject: "core", at: "2026-07-31T10:00:00Z", copies: [{ state: "broken" }] });
    expect(entry?.manifest).toBeUndefined();
    expect(entry?.copies[0]).toMatchObject({ reason: typeof reason === "string" ? reason : expect.stringMatching(reason) });
  });

  test("finds the newest that is good", () => {
    const entries = catalogue("legal", [
      { at: "x", listed: [{ ...listedOf(july), manifest: "" }, listedOf(june), listedOf(files)] },
    ]);
    expect(newestVerified(entries, "core")?.name).toBe(june.name);
    expect(newestVerified(entries, "users")).toBeUndefined();
  });

  test("finds by a beginning or an end that only one has", () => {
    const entries = catalogue("legal", [{ at: "x", listed: [listedOf(june), listedOf(july), listedOf(files)] }]);
    expect(find(entries, july.name)).toMatchObject({ kind: "one", entry: { name: july.name } });
    expect(find(entries, july.name.slice(-4))).toMatchObject({ kind: "one", entry: { name: july.name } });
    expect(find(entries, "legal-files")).toMatchObject({ kind: "one", entry: { name: files.name } });
    expect(find(entries, "legal-core")).toMatchObject({ kind: "several", entries: [{ name: june.name }, { name: july.name }] });
    expect(find(entries, "")).toEqual({ kind: "none" });
    expect(find(entries, "nothing")).toEqual({ kind: "none" });
  });
});
