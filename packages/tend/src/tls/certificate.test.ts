import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { certificateOf, covers, lifeOf, lifeText } from "./certificate.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const days = (count: number) => new Date(NOW.getTime() + count * 86_400_000).toISOString();
const life = (from: number, until: number) => lifeOf({ from: days(from), until: days(until) }, NOW);

test("a certificate is read from PEM", () => {
  const pem = readFileSync(join(import.meta.dirname, "../doctor/facts/recorded/leaf.pem"), "utf8");
  expect(certificateOf(pem)).toMatchObject({
    names: ["skriptoteket.example"],
    subject: "skriptoteket.example",
    issuer: "An authority",
    selfSigned: false,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("what is left is a share of the lifetime, and a day where it lives for weeks", () => {
  expect(life(-10, 80).standing).toBe("well");
  expect(life(-66, 24)).toMatchObject({ standing: "short", due: true });
  expect(life(-80, 10).standing).toBe("critical");
  // A sixth of 6 days is a day: well enough for what is renewed every other day.
  expect(life(-3, 3.6)).toMatchObject({ standing: "well", due: false });
  expect(life(-5.8, 0.8).standing).toBe("critical");
  expect(life(-6.5, 0.9).standing).toBe("critical");
  expect(life(-90, -1).standing).toBe("expired");
  expect(life(1, 90).standing).toBe("future");
  expect(lifeText(life(-72, 18))).toBe("20 % of its lifetime left (18 d)");
  expect(lifeText(life(-90, -3))).toBe("expired 3 d ago");
});

describe("a name covers", () => {
  test.each([
    ["a.example", "a.example", true],
    ["A.example", "a.EXAMPLE", true],
    ["*.example", "a.example", true],
    ["*.a.example", "a.example", false],
    ["*.example", "b.a.example", false],
    ["b.example", "a.example", false],
  ])("%s: %s, %s", (name, domain, is) => expect(covers({ names: [name] }, domain)).toBe(is));
});
