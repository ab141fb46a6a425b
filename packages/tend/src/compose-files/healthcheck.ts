import { asList, asMap, isYes } from "./raw.ts";

/** The words of a health check's test, how they are run first; "off" where it is switched off. */
export function healthcheckOf(raw: unknown): readonly string[] | "off" | undefined {
  const { disable, test } = asMap(raw);
  if (isYes(disable)) return "off";
  if (test === undefined || test === null) return undefined;
  const words = typeof test === "string" ? ["CMD-SHELL", test] : asList(test).map(String);
  return words[0] === "NONE" ? "off" : words;
}
