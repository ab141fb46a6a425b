import { z } from "zod";
import { nearest, suggestion } from "./nearest.ts";
import { quoted } from "./problem.ts";
import type { Path } from "./tree.ts";

/** Something wrong at a path; where that is in the file and how to word it, the report knows. */
export interface Mistake {
  readonly path: Path;
  /** What is wrong, when it is more than "this value can't be there". */
  readonly says?: string;
  readonly hint?: string;
  /** What the caret points at. Default: the value. */
  readonly spot?: "key" | "value";
}

type Issue = z.core.$ZodIssue;

/** Every mistake that a schema finds. */
export function mistakesOf(schema: z.ZodType, value: unknown): readonly Mistake[] {
  return issuesOf(schema, value).flatMap(translate);
}

/** The issues, with those inside unions brought to the surface. */
export function issuesOf(schema: z.ZodType, value: unknown): readonly Issue[] {
  // Compiling a validator pays off over many parses; a declaration is parsed once.
  const result = schema.safeParse(value, { error: knownKeys, reportInput: true, jitless: true });
  return result.success ? [] : result.error.issues.flatMap((issue) => flatten(issue, []));
}

/** The one thing that an issue about an unknown key doesn't say: which keys are known. */
function knownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "unrecognized_keys" || !(issue.inst instanceof z.ZodObject)) return undefined;
  return Object.keys(issue.inst.shape).join(" ");
}

function flatten(issue: Issue, above: Path): readonly Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code !== "invalid_union") return [{ ...issue, path }];
  const meant = issue.errors.find((branch) => !branch.some(isOtherKind));
  return meant ? meant.flatMap((inner) => flatten(inner, path)) : [{ ...issue, path }];
}

/** A union's branch is the one that was meant, unless the value as a whole is of another kind. */
function isOtherKind({ path, code }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value" || code === "invalid_union");
}

function translate(issue: Issue): readonly Mistake[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, issue.message.split(" ")));
  if (issue.code === "invalid_key") return [badName(path, issue.issues[0]?.message)];
  if (issue.code === "custom")
    return [{ path, says: issue.params?.says, hint: `expected ${issue.message}`, spot: issue.params?.spot }];
  const hint = `expected ${issue.message}`;
  return [{ path, hint: guess(issue) ?? (wantsText(issue) ? `${hint}; text goes in quotes` : hint) }];
}

function unknownKey(key: string, path: Path, known: readonly string[]): Mistake {
  return { path: [...path, key], says: `unknown key ${quoted(key)}`, hint: suggestion(key, known), spot: "key" };
}

function badName(path: Path, expected = "another name"): Mistake {
  return { path, says: `the name ${quoted(String(path.at(-1)))} can't be used`, hint: `expected ${expected}`, spot: "key" };
}

function guess(issue: Issue): string | undefined {
  if (typeof issue.input !== "string") return undefined;
  const branches = issue.code === "invalid_union" ? issue.errors.flat() : [issue];
  const values = branches.flatMap((branch) => (branch.code === "invalid_value" ? branch.values.map(String) : []));
  const near = nearest(issue.input, values);
  return near && `did you mean "${near}"?`;
}

function wantsText(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input);
}
