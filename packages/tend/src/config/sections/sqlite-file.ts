import { z } from "zod";

const FILE = "the file's path, such as ~/data/app.db";

/** Where a SQLite database is. An application's address for it is nearly one, and the commonest slip. */
export const sqliteFile = z.string({ error: FILE }).transform((given, context): string => {
  const expected = expectedOf(given);
  if (expected === undefined) return given;
  context.addIssue({ code: "custom", message: expected });
  return z.NEVER;
});

function expectedOf(given: string): string | undefined {
  if (/^postgres(?:ql)?(?:\+\w+)?:/i.test(given)) return "the file's path; PostgreSQL is declared as postgres: { container: … }";
  if (given.includes(":memory:")) return "a file: a database in memory keeps nothing";
  const alone = fileOfAddress(given);
  if (alone) return `the path alone: ${alone}`;
  return /^(?!-)(?![a-z][a-z0-9+.-]*:)[^\n\r\t]{0,999}[^\n\r\t/]$/i.test(given) ? undefined : FILE;
}

/** `sqlite:////data/x.db` and its kin. The third slash is the path's own, unless the path clearly begins after it. */
function fileOfAddress(given: string): string | undefined {
  const [, rest] = /^(?:sqlite3?(?:\+\w+)?|file|jdbc:sqlite):([^?#]*)/i.exec(given) ?? [];
  return rest?.replace(/^\/\/(?:\/(?=[./]))?/, "");
}

interface Checked {
  readonly value: { readonly path: string; readonly volume?: string };
  readonly issues: z.core.$ZodRawIssue[];
}

/** In a volume a path starts at the volume, not where some container has mounted it. */
export function insideVolume({ value, issues }: Checked): void {
  if (issues.length > 0 || value.volume === undefined) return;
  if (!/^[/~]|(^|\/)\.\.(\/|$)/.test(value.path)) return;
  issues.push({ code: "custom", path: ["path"], message: "a path that starts inside the volume, such as app.db", input: value });
}
