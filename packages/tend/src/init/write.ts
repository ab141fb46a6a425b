import { CST, Document, isMap, isScalar, Lexer, type Node, type Pair, type YAMLMap } from "yaml";
import { oneLine } from "./names.ts";
import type { Note, Proposal, ProposedApp } from "./proposal.ts";

/** A section that fits on a line stands on one, as in the guide's own declarations. */
const LINE = 116;

/** The declaration's text. Whatever names and labels say, a value stays a value and a comment a comment. */
export function writeDeclaration(proposal: Proposal, head: string): string {
  const { fleet, hosts, proxies, apps } = proposal;
  const document = new Document({
    fleet,
    hosts,
    ...(Object.keys(proxies).length > 0 ? { proxies } : {}),
    ...(apps.length > 0 ? { apps: Object.fromEntries(apps.map((app) => [app.name, app.value])) } : {}),
  });
  const top = document.contents as YAMLMap;
  for (const app of apps) layOut(document.getIn(["apps", app.name], true) as YAMLMap, 6);
  for (const section of ["hosts", "proxies"]) {
    const map = document.get(section);
    if (isMap(map)) for (const pair of map.items) flow(pair.value as Node);
  }
  for (const note of [...proposal.guesses, ...apps.flatMap(guessesOf)]) remark(document, note);
  for (const app of apps) leaveOut(document, app);
  document.commentBefore = ` ${oneLine(head)}`;
  const rest = comments(proposal.left);
  const text = closeLists(document.toString({ lineWidth: 0, indent: 2, flowCollectionPadding: true }));
  return `${text}${rest === "" || top.items.length === 0 ? "" : `\n# Left out:\n${rest}`}`;
}

/** What the lexer says between the pieces of the text. */
const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** `[one, two]` as people write it, beside `{ key: value }`: the library pads both or neither. */
function closeLists(text: string): string {
  const tokens = [...new Lexer().lex(text)].filter((token) => !MARKS.has(token));
  return tokens.filter((token, at) => !/^ +$/.test(token) || (tokens[at - 1] !== "[" && tokens[at + 1] !== "]")).join("");
}

function guessesOf(app: ProposedApp): readonly Note[] {
  return app.guesses.map((note) => ({ ...note, path: ["apps", app.name, ...note.path] }));
}

/** What is short stands on one line; `indent` is where its keys begin. */
function layOut(map: YAMLMap, indent: number): void {
  for (const { key, value } of map.items as Pair<Node, Node>[]) {
    if (!value || isScalar(value)) continue;
    const name = String(isScalar(key) ? key.value : key);
    const length = JSON.stringify(value).replaceAll('"', "").length + name.length + indent;
    const holdsNames = ["services", "databases", "files"].includes(name) && isMap(value) && indent === 6;
    if (!holdsNames && length <= LINE) flow(value);
    else if (isMap(value)) layOut(value, indent + 2);
    else flow(value);
  }
}

function flow(node: Node): void {
  if (isMap(node)) node.flow = true;
  else if (!isScalar(node)) (node as YAMLMap).flow = true;
}

/** Beside what is on a line of its own; what stands within a line is told of at its end. */
function remark(document: Document, { path, text }: Note): void {
  const node = lineOf(document, path);
  const label = node.within.length > 0 ? `${node.within.join(".")}: ` : "";
  const said = `guessed: ${label}${text}`;
  if (isMap(node.value) && !node.value.flow) {
    const before = node.key?.commentBefore;
    if (node.key) node.key.commentBefore = `${before ? `${before}\n` : ""} ${oneLine(said)}`;
    return;
  }
  node.value.comment = `${node.value.comment ? `${node.value.comment};` : ""} ${oneLine(said)}`;
}

interface Line {
  readonly value: Node;
  readonly key?: Node;
  /** The keys within a flow, below what stands on the line. */
  readonly within: readonly string[];
}

function lineOf(document: Document, path: readonly string[]): Line {
  for (let depth = 1; depth <= path.length; depth += 1) {
    const here = path.slice(0, depth);
    const value = document.getIn(here, true) as Node | undefined;
    if (value === undefined) return lineOf(document, path.slice(0, depth - 1));
    if (depth === path.length || (!isScalar(value) && (value as YAMLMap).flow)) {
      const parent = document.getIn(path.slice(0, depth - 1), true) as YAMLMap;
      const pair = (parent.items as Pair<Node, Node>[]).find(({ key }) => isScalar(key) && key.value === here.at(-1));
      return { value, key: pair?.key, within: path.slice(depth) };
    }
  }
  return { value: document.contents as Node, within: [] };
}

function leaveOut(document: Document, { name, left }: ProposedApp): void {
  const app = document.getIn(["apps", name], true);
  if (!isMap(app) || left.length === 0) return;
  app.comment = left.map((line) => ` left out: ${oneLine(line)}`).join("\n");
}

function comments(all: readonly string[]): string {
  return all.map((line) => `# - ${oneLine(line)}\n`).join("");
}
