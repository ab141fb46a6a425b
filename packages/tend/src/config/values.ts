import { z } from "zod";
import { plainAddress } from "../model/addresses.ts";
import type { Branded } from "../model/names.ts";
import { LONG, parseDuration, type Reach, SHORT } from "./duration.ts";
import { splitWords } from "./words.ts";

const IP = 'an IP address, such as 203.0.113.7 or "2001:db8::7"';

/**
 * The kinds of values that sections are built of. Each `error` completes the sentence "expected …".
 */

/** One of the rules of model/names.ts. */
export function named<Kind extends string>(rule: {
  what: string;
  expected: string;
  pattern: RegExp;
}): z.ZodType<Branded<Kind>, string> {
  return text(rule.expected, rule.pattern, rule.what) as unknown as z.ZodType<Branded<Kind>, string>;
}

/** `what` is said when there is no text at all. */
export function text(expected: string, pattern: RegExp, what = expected) {
  return z.string({ error: what }).regex(pattern, { error: expected });
}

export const plainName = text("a name: lower-case letters, digits, - and _, at most 63", /^[a-z0-9][a-z0-9_-]{0,62}$/);

/** No leading dash, which a command would take for an option, and no line break. */
export const path = text("a path", /^(?!-)[^\n\r\t]{1,1000}$/);
export const absolutePath = text("an absolute path, such as /snap/bin/docker", /^\/[^\n\r\t]{0,1000}$/);

export const volumeName = text("a volume's name: letters, digits, _, . and -", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

/** In the form in which it is compared: of IPv6, the shortest. */
export const ipAddress = z.string({ error: IP }).transform((given, context): string => {
  const address = plainAddress(given);
  if (address === undefined) context.addIssue({ code: "custom", message: IP });
  return address ?? z.NEVER;
});

export const files = z
  .union([path, z.array(path, { error: "a list of files" })], { error: "a file or a list of files" })
  .transform((given): readonly string[] => (typeof given === "string" ? [given] : given));

export const port = z
  .int({ error: "a port from 1 to 65535" })
  .min(1, { error: "a port from 1 to 65535" })
  .max(65535, { error: "a port from 1 to 65535" });

export const duration = durationWithin(SHORT, "seconds, or a duration such as 90s, 2m or 1m30s, at most 24h");
export const longDuration = durationWithin(LONG, "seconds, or a duration such as 26h, 2d or 1d12h, at most 60d");

function durationWithin(reach: Reach, expected: string) {
  return z.union([z.string(), z.number()], { error: expected }).transform((given, context): number => {
    const seconds = parseDuration(given, reach);
    if (seconds === undefined) context.addIssue({ code: "custom", message: expected });
    return seconds ?? z.NEVER;
  });
}

export const words = z.string({ error: "a command on one line" }).transform((line, context): readonly string[] => {
  const result = splitWords(line);
  if ("words" in result) return result.words;
  context.addIssue({ code: "custom", message: result.expected });
  return z.NEVER;
});

/** An address on the web, without a login in it. */
export function address(expected: string) {
  return z.string({ error: expected }).transform((given, context): URL => {
    const url = URL.parse(given);
    if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

type Expected = string | ((given: unknown) => string);

/** A map with known keys; `expected` says what it is when something else stands there. */
export function section<Shape extends z.ZodRawShape>(expected: Expected, shape: Shape) {
  return z.strictObject(shape, { error: unlessAMap(expected) });
}

/** A map whose keys follow a rule; `expected` says what the whole is. */
export function mapOf<Key extends string, Value extends z.ZodType>(key: z.ZodType<Key, string>, value: Value, expected: string) {
  return z.record(key, value, { error: unlessAMap(expected) });
}

function unlessAMap(expected: Expected) {
  return ({ code, input }: { code?: string; input?: unknown }) => {
    if (code !== "invalid_type") return undefined;
    return typeof expected === "string" ? expected : expected(input);
  };
}

/** For a section's check: one of two keys is given, and only one. */
export function either(one: string, other: string, expected: string) {
  return ({ value, issues }: { value: Readonly<Record<string, unknown>>; issues: z.core.$ZodRawIssue[] }): void => {
    if (issues.length > 0) return;
    const given = [one, other].filter((key) => value[key] !== undefined);
    if (given.length === 1) return;
    const says = given.length === 0 ? `neither ${one} nor ${other} is given` : `${one} and ${other} exclude each other`;
    issues.push({ code: "custom", message: expected, input: value, params: { says } });
  };
}
