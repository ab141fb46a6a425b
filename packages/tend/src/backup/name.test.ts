import fc from "fast-check";
import { expect, test } from "vitest";
import { backupName } from "../model/names.ts";
import { newBackupName, shortReason } from "./name.ts";

const at = new Date("2026-07-31T10:15:09.987Z");

test("a backup's name tells app, subject, second, reason", () => {
  expect(newBackupName({ app: "legal.dev", subject: "core", at, reason: "Before deploy #42!", random: "9f3c" })).toBe(
    "legal.dev-core-20260731T101509Z-before-deploy-42-9f3c",
  );
  expect(newBackupName({ app: "legal", subject: "core", at, random: "9f3c" })).toBe("legal-core-20260731T101509Z-manual-9f3c");
});

test("two instants that a clock on the wall calls the same have two names", () => {
  const [summer, winter] = [new Date("2026-11-01T01:30:00-04:00"), new Date("2026-11-01T01:30:00-05:00")];
  const names = [summer, winter].map((instant) => newBackupName({ app: "a", subject: "b", at: instant, random: "0000" }));
  expect(names).toEqual(["a-b-20261101T053000Z-manual-0000", "a-b-20261101T063000Z-manual-0000"]);
});

test("whatever it is made of, it is a backup's name", () => {
  const plain = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/);
  const random = fc.stringMatching(/^[0-9a-f]{4}$/);
  const anyTime = fc.date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true });
  fc.assert(
    fc.property(plain, fc.option(plain), plain, anyTime, fc.string(), random, (app, env, subject, at, reason, random) => {
      const name = newBackupName({ app: env === null ? app : `${app}.${env}`, subject, at, reason, random });
      expect(backupName.parse(name)).toBe(name);
    }),
    { numRuns: 2000 },
  );
});

test("a reason becomes a word", () => {
  expect(shortReason(undefined)).toBe("manual");
  expect(shortReason("--- ☃ ---")).toBe("manual");
  expect(shortReason(`${"x".repeat(39)}-y`)).toBe("x".repeat(39));
});
