import { z } from "zod";
import type { Branded } from "../model/names.ts";
import { parseDuration } from "./duration.ts";
import { splitWords } from "./words.ts";

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

export const files = z
  .union([path, z.array(path, { error: "a list of files" })], { error: "a file or a list of files" })
  .transform((given): readonly string[] => (typeof given === "string" ? [given] : given));

export const port = z
  .int({ error: "a port from 1 to 65535" })
  .min(1, { error: "a port from 1 to 65535" })
  .max(65535, { error: "a port from 1 to 65535" });

const DURATION = "seconds, or a duration such as 90s, 2m or 1m30s, at most 24h";
export const duration = z.union([z.string(), z.number()], { error: DURATION }).transform((given, context): number => {
  const seconds = parseDuration(given);
  if (seconds === undefined) context.addIssue({ code: "custom", message: DURATION });
  return seconds ?? z.NEVER;
});

export const words = z.string({ error: "a command on one line" }).transform((line, context): readonly string[] => {
  const result = splitWords(line);
  if ("words" in result) return result.words;
  context.addIssue({ code: "custom", message: result.expected });
  return z.NEVER;
});

/** A map with known keys; `expected` says what it is when something else stands there. */
export function section<Shape extends z.ZodRawShape>(expected: string, shape: Shape) {
  return z.strictObject(shape, { error: unlessAMap(expected) });
}

/** A map whose keys follow a rule; `expected` says what the whole is. */
export function mapOf<Key extends string, Value extends z.ZodType>(key: z.ZodType<Key, string>, value: Value, expected: string) {
  return z.record(key, value, { error: unlessAMap(expected) });
}

function unlessAMap(expected: string) {
  return (issue: { code?: string }) => (issue.code === "invalid_type" ? expected : undefined);
}
