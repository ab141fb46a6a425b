import type { Check } from "../doctor/check.ts";
import { checks } from "../doctor/checks/index.ts";
import { FIX_CLASSES } from "../render/doctor.ts";
import { code, page, table } from "./markdown.ts";

/** What `tend doctor` looks for: each check by what it says of itself. */
export function checksPage(): string {
  const areas = Map.groupBy(checks, ({ id }) => id.split(".")[0] as string);
  return page(
    "# Checks",
    `What [tend doctor](doctor.md) looks for: ${checks.length} checks. An id is stable: scripts and the [ignore list](tend-yaml.md) may rely on it. A finding's severity is the check's or less.`,
    "A check judges what one look at a host has brought. What could not be measured is neither right nor wrong: it is said to be not known, and why. *Only with `--hardening`*: advice, not a fault.",
    table(
      ["check", "severity", "finds"],
      checks.map(({ id, severity, finds }) => [`[${id}](#${anchor(id)})`, severity, finds]),
    ),
    ...[...areas.values()].flat().map(sectionOf),
  );
}

function sectionOf({ id, severity, finds, about, remedy, fixClass, needs = [], follows = [], settle, hardening }: Check): string {
  const notes = [
    hardening ? "Only with `--hardening`." : "",
    FIX_CLASSES[fixClass],
    needs.length > 0 ? `It says nothing where one of these fails: ${needs.map(code).join(", ")}.` : "",
    follows.length > 0 ? `It is folded under one of these where that is the cause: ${follows.map(code).join(", ")}.` : "",
    settle === undefined ? "" : `Told once it has been so for ${settle} s.`,
  ];
  return page(`## ${id}`, `${severity}: ${finds}.`, about, remedy, notes.filter(Boolean).join(" ")).trimEnd();
}

function anchor(id: string): string {
  return id.replaceAll(".", "");
}
