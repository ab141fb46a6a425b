import { basename, dirname } from "node:path";
import { Failure } from "../model/failure.ts";
import type { Fleet } from "../model/fleet.ts";
import { assemble } from "./assemble.ts";
import { checks } from "./checks/index.ts";
import { ContractFiles, type ReadText } from "./contract-file.ts";
import { type Declared, readDeclared } from "./declared.ts";
import { ConfigFailure } from "./failure.ts";
import { nearest } from "./nearest.ts";
import { environmentsOf, overlay } from "./overlay.ts";
import { parseTree } from "./parse.ts";
import { quoted } from "./problem.ts";
import { Report } from "./report.ts";
import { SourceText } from "./text.ts";
import { childOf, type Path, type Tree } from "./tree.ts";

/** Each is checked as a whole fleet, so there is an end to how many make sense. */
const MAX_ENVIRONMENTS = 30;

/**
 * The fleet that a declaration's text describes, or a ConfigFailure with everything that is wrong with it – in
 * any of its environments, so that a mistake in `prod` is found on the day it is made.
 */
export function parseFleet(
  text: string,
  file: string,
  environment?: string,
  shownAs = basename(file),
  read: ReadText = nothingBeside,
): Fleet {
  const source = new SourceText(shownAs, text);
  const report = new Report(source);
  const { tree, problems } = parseTree(source);
  report.add(problems);
  if (!tree) throw new ConfigFailure(report.problems);

  const environments = environmentsOf(tree);
  const plainly = examine(tree, report);
  if (environments.length > MAX_ENVIRONMENTS) {
    report.mistakes(tree, [
      { path: ["apps"], says: `${environments.length} environments`, hint: `expected at most ${MAX_ENVIRONMENTS}` },
    ]);
  }
  const variants = new Map<string, Declared>();
  for (const name of environments.slice(0, MAX_ENVIRONMENTS)) {
    if (!report.isFull) variants.set(name, examine(overlay(tree, name), report));
  }
  const contracts = new ContractFiles({ folder: dirname(file), shownAs, read });
  for (const declared of [plainly, ...variants.values()]) {
    for (const wrong of contracts.wrong(declared)) {
      if ("mistake" in wrong) report.mistakes(tree, [wrong.mistake]);
      else report.add(wrong.problems);
    }
  }
  if (report.problems.length > 0) throw new ConfigFailure(report.problems);

  const asked = environment === undefined ? plainly : variants.get(environment);
  if (!asked) throw unknownEnvironment(environment ?? "", environments, shownAs);
  return assemble(asked, {
    file,
    folder: dirname(file),
    environmentOf: (app) => (declares(tree, app, environment) ? environment : undefined),
    contractOf: (app) => contracts.of(asked, app.contract),
  });
}

function nothingBeside(path: string): string {
  throw new Error(`${path} is not to be read here`);
}

function examine(tree: Tree, report: Report): Declared {
  const { declared, mistakes } = readDeclared(tree);
  report.mistakes(tree, mistakes);
  const findings = checks.flatMap((check) => [...check(declared, (path) => report.lineOf(tree, path))]);
  report.mistakes(
    tree,
    findings.filter((finding) => !mistakes.some((known) => concernsSame(known.path, finding.path))),
  );
  return declared;
}

/** What was left out because it was wrong is not missing. */
function concernsSame(one: Path, other: Path): boolean {
  return one.every((step, at) => at >= other.length || step === other[at]);
}

function declares(tree: Tree, app: string, environment?: string): boolean {
  const environments = childOf(childOf(childOf(tree, "apps"), app), "environments");
  return environment !== undefined && childOf(environments, environment) !== undefined;
}

function unknownEnvironment(environment: string, declared: readonly string[], file: string): Failure {
  const near = nearest(environment, declared);
  return new Failure({
    id: "config",
    exit: "usage",
    title: `no app in ${file} declares the environment ${quoted(environment)}`,
    why: declared.length > 0 ? `declared: ${declared.join(", ")}` : "the declaration has no environments",
    changed: "nothing",
    help: near === undefined ? undefined : `did you mean ${near}?`,
  });
}
