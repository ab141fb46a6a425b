import type { Database } from "./database.ts";
import { Refusal } from "./http.ts";

export interface Tool {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
}

export function listTools(database: Database): Promise<Tool[]> {
  return database.query<Tool>("SELECT slug, title, summary FROM tools WHERE is_published ORDER BY slug");
}

export async function addTool(database: Database, tool: Tool): Promise<void> {
  const added = await database.query<{ id: string }>(
    "INSERT INTO tools (slug, title, summary) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING RETURNING id",
    [tool.slug, tool.title, tool.summary],
  );
  if (added.length === 0) throw new Refusal(409, `there is a tool "${tool.slug}" already`);
}

export function parseTool(input: unknown): Tool {
  const { slug, title, summary = "" } = (typeof input === "object" && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof slug !== "string" || !/^[a-z0-9][a-z0-9-]{0,79}$/.test(slug)) {
    throw new Refusal(422, "slug: small letters, digits and dashes are expected");
  }
  if (typeof title !== "string" || title.trim() === "") throw new Refusal(422, "title: a text is expected");
  if (typeof summary !== "string") throw new Refusal(422, "summary: a text is expected");
  return { slug, title: title.trim(), summary };
}
