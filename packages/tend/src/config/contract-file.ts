import { dirname, join } from "node:path";
import { type Contract, changedBy, DEFAULT_CONTRACT, NO_CONTRACT } from "../model/contract.ts";
import type { Declared } from "./declared.ts";
import { type Mistake, mistakesOf } from "./issues.ts";
import { ownPath } from "./local-path.ts";
import { parseTree } from "./parse.ts";
import { type Problem, quoted } from "./problem.ts";
import { Report } from "./report.ts";
import { contractFile, type DeclaredContract } from "./sections/contract.ts";
import { SourceText } from "./text.ts";
import { type Path, plain } from "./tree.ts";

/** The text of a file beside the declaration. Throws where it can't be read. */
export type ReadText = (path: string) => string;

export interface Beside {
  /** The declaration's folder. */
  readonly folder: string;
  /** The declaration, as a person would name it. */
  readonly shownAs: string;
  readonly read: ReadText;
}

const isFile = (base: string | undefined): base is string => base !== undefined && base !== "default" && base !== "none";

/** The contracts' own files that a declaration names, each read once. */
export class ContractFiles {
  readonly #beside: Beside;
  readonly #read = new Map<string, DeclaredContract | Problem[] | string>();

  constructor(beside: Beside) {
    this.#beside = beside;
  }

  /** What is wrong with them: in the declaration where one can't be read, else in the file itself. */
  *wrong(declared: Declared): Iterable<{ readonly mistake: Mistake } | { readonly problems: readonly Problem[] }> {
    for (const { path, contract } of contractsOf(declared)) {
      if (!isFile(contract.base)) continue;
      const found = this.#open(contract.base);
      if (typeof found === "string")
        yield { mistake: { path, says: `the contract ${quoted(contract.base)} can't be read`, hint: found } };
      else if (Array.isArray(found)) yield { problems: found };
    }
  }

  /** The contract that an app is held to. Everything that it names was found right. */
  of(declared: Declared, app: DeclaredContract | undefined): Contract | undefined {
    if (!app && !declared.contract) return undefined;
    const fleets = declared.contract
      ? this.#layered(declared.contract, DEFAULT_CONTRACT, "the fleet's contract")
      : DEFAULT_CONTRACT;
    return app ? this.#layered(app, fleets, "its contract") : fleets;
  }

  #layered(layer: DeclaredContract, otherwise: Contract, called: string): Contract {
    const below = this.#below(layer.base, otherwise);
    const changes = Object.values(layer.rules).some((change) => change !== undefined) || layer.except.length > 0;
    return changes ? changedBy(below, { ...layer, from: called }) : below;
  }

  #below(base: string | undefined, otherwise: Contract): Contract {
    if (base === undefined) return otherwise;
    if (isFile(base)) return this.#fromFile(base);
    return base === "none" ? NO_CONTRACT : DEFAULT_CONTRACT;
  }

  #fromFile(path: string): Contract {
    const found = this.#open(path);
    if (typeof found === "string" || Array.isArray(found)) return NO_CONTRACT;
    return changedBy(found.base === "none" ? NO_CONTRACT : DEFAULT_CONTRACT, { ...found, from: path });
  }

  #open(path: string): DeclaredContract | Problem[] | string {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const opened = this.#parse(path);
    this.#read.set(path, opened);
    return opened;
  }

  #parse(path: string): DeclaredContract | Problem[] | string {
    let text: string;
    try {
      text = this.#beside.read(ownPath(path, this.#beside.folder));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      return code === "ENOENT" ? "it does not exist" : code || "reading it failed";
    }
    if (text.trim() === "") return "it is empty";
    const source = new SourceText(/^[~/]/.test(path) ? path : join(dirname(this.#beside.shownAs), path), text);
    const { tree, problems } = parseTree(source);
    if (!tree || problems.length > 0) return [...problems];
    const report = new Report(source);
    report.mistakes(tree, mistakesOf(contractFile, plain(tree)));
    return report.problems.length > 0 ? [...report.problems] : contractFile.parse(plain(tree));
  }
}

function contractsOf({ contract, apps }: Declared): readonly { readonly path: Path; readonly contract: DeclaredContract }[] {
  return [
    ...(contract ? [{ path: ["contract"], contract }] : []),
    ...[...apps].flatMap(([name, app]) => (app.contract ? [{ path: ["apps", name, "contract"], contract: app.contract }] : [])),
  ];
}
