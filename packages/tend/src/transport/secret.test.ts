import { inspect } from "node:util";
import { expect, it } from "vitest";
import { command, sh } from "./argv.ts";
import { Secret } from "./secret.ts";

const canary = "canary-7f3a";
const secret = new Secret(canary);

it("opens a secret only where it is asked to", () => {
  expect(secret.reveal()).toBe(canary);
});

it.each<[string, () => string]>([
  ["a template", () => `${secret}`],
  ["a sum of texts", () => "value: ".concat(String(secret))],
  ["JSON", () => JSON.stringify({ secret, list: [secret] })],
  ["console.log", () => inspect({ secret, nested: { list: [secret] } }, { depth: 9, showHidden: true })],
  ["a list", () => [secret].join()],
  ["its own properties", () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), { ...secret }])],
  ["an error's message", () => inspect(new Error(`no ${secret}`, { cause: secret }))],
])("shows nothing of it in %s", (_, print) => {
  expect(print()).not.toContain(canary);
});

it("says that something is left out", () => {
  expect(`${secret} ${JSON.stringify(secret)} ${inspect(secret)}`).toBe('[REDACTED] "[REDACTED]" [REDACTED]');
});

it("can't be put into a script or an argument", () => {
  // @ts-expect-error a secret is no piece of a script
  expect(() => sh`echo ${secret}`).toThrow();
  // @ts-expect-error nor a word of a command
  expect(() => command(["echo", secret])).toThrow();
});
