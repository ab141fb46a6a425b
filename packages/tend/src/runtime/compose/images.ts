import type { Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command } from "../../transport/argv.ts";

/** Puts an image's former meaning back under the name that the compose file uses. */
export function retagUndo(
  of: string,
  images: Readonly<Record<string, { readonly ref: string; readonly id: string }>>,
): readonly Undo[] {
  const commands = Object.values(images)
    .filter((image) => !image.ref.includes("@") && !image.ref.startsWith("sha256:"))
    .map((image) => command(["docker", "tag", image.id, image.ref]));
  return commands.length > 0 ? [{ of, title: "the former images get their names back", action: exec(commands) }] : [];
}
