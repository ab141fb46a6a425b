import type { FailureParts } from "../model/failure.ts";
import type { Paint } from "./paint.ts";

/** A failure as a block: what, where, the evidence, why, what changed; the thing to do comes last. */
export function failureLines(parts: FailureParts, paint: Paint): readonly string[] {
  const rows: (readonly [string, string | undefined])[] = [
    ["where", parts.where],
    ["evidence", parts.evidence && parts.evidence.length > 0 ? parts.evidence.join("\n") : undefined],
    ["why", parts.why],
    ["changed", parts.changed],
    ["help", parts.help],
    ["run", parts.run && `${parts.run} · tend journal APP ${parts.run}`],
  ];
  return [
    `${paint("red", `error[${parts.id}]:`)} ${parts.title}`,
    ...rows.flatMap(([label, text]) => (text === undefined ? [] : block(label, text, paint))),
  ];
}

function block(label: string, text: string, paint: Paint): readonly string[] {
  return text.split("\n").map((line, at) => `  ${at === 0 ? paint("dim", label.padEnd(9)) : " ".repeat(9)} ${line}`);
}
