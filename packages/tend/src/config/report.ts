import type { Mistake } from "./issues.ts";
import { type Problem, quoted } from "./problem.ts";
import type { SourceText, Span } from "./text.ts";
import { type Found, find, type Path, type Tree } from "./tree.ts";

const ENOUGH = 100;

/** Gathers problems in the order of the file, each once, though several environments may show it. */
export class Report {
  readonly #source: SourceText;
  readonly #found = new Map<string, Problem>();

  constructor(source: SourceText) {
    this.#source = source;
  }

  get problems(): readonly Problem[] {
    return [...this.#found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Nobody reads on; looking for more would only take time. */
  get isFull(): boolean {
    return this.#found.size >= ENOUGH;
  }

  add(problems: readonly Problem[]): void {
    for (const problem of problems) this.#found.set(`${problem.line}:${problem.column} ${problem.title}`, problem);
  }

  mistakes(tree: Tree, mistakes: readonly Mistake[]): void {
    this.add(mistakes.map((mistake) => this.#locate(find(tree, mistake.path), mistake)));
  }

  lineOf(tree: Tree, path: Path): number {
    const found = find(tree, path);
    return this.#source.lineOf(spanOf(found).start);
  }

  #locate(found: Found, { says, hint, spot = "value" }: Mistake): Problem {
    const span = spot === "key" ? (found.keyAt ?? found.tree.at) : spanOf(found);
    return this.#source.problem(span, title(found, says, spot), hint);
  }
}

function spanOf({ tree, keyAt }: Found): Span {
  const isShown = tree.kind === "scalar" && tree.value !== null;
  const beginning = { start: tree.at.start, end: tree.at.start + 1 };
  return isShown ? tree.at : (keyAt ?? beginning);
}

/** `path can't be a map in apps.web`, `host is missing in apps.web`. */
function title({ tree, missing }: Found, says: string | undefined, spot: "key" | "value"): string {
  const [absent] = missing;
  const holder = tree.path.slice(0, -1);
  const isAboutParts = tree.kind === "map" && (missing.length > 0 || spot === "value");
  if (says !== undefined) return says + inside(isAboutParts ? tree.path : holder);
  if (absent !== undefined) return `${String(absent)} is missing${inside(tree.path)}`;
  return `${tree.path.at(-1) ?? "the declaration"} ${wrong(tree)}${inside(holder)}`;
}

function wrong(tree: Tree): string {
  if (tree.kind !== "scalar") return `can't be a ${tree.kind}`;
  if (tree.value === null) return "is empty";
  return `can't be ${typeof tree.value === "string" ? quoted(tree.value) : String(tree.value)}`;
}

function inside(path: readonly string[]): string {
  if (path.length === 0) return "";
  const dotted = path.join(".");
  return ` in ${dotted.length > 120 ? `…${dotted.slice(-119)}` : dotted}`;
}
