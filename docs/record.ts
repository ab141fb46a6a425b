/**
 * `node docs/record.ts OUT.svg COMMAND…`: runs each command on a terminal of its own, as it is, and draws what was seen
 * and when as an SVG that plays once. Needs `script` of util-linux. Nothing is made up and nothing is left out; where
 * SVG isn't animated, the last picture is shown.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quote } from "../packages/tend/src/transport/argv.ts";

const COLUMNS = 100;
const CELL = { width: 8.43, height: 20 };
const PADDING = 20;
const PROMPT_SECONDS = 1.2;
const COLOURS: Readonly<Record<string, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#76e3ea" };
const INK = "#e6edf3";
const DIM = "#8b949e";

interface Style {
  readonly colour?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
}
interface Cell {
  readonly text: string;
  readonly style: Style;
}
/** What stood in a row, and from when until when; without an end it stays. */
interface Version {
  readonly row: number;
  readonly cells: readonly Cell[];
  readonly from: number;
  readonly until?: number;
}

/** As much of a terminal as tend uses: colours, carriage returns and cleared lines. */
class Screen {
  readonly versions: Version[] = [];
  #row = 0;
  #column = 0;
  #cells: Cell[] = [];
  #shown: { readonly cells: string; readonly version: Omit<Version, "until"> } | undefined;
  #style: Style = {};

  get rows(): number {
    return this.#row;
  }

  write(text: string, at: number): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal is told by
    for (const [, sequence, verb, plain] of text.matchAll(/\x1b\[([\d;]*)([A-Za-z])|([\s\S])/gu)) {
      if (verb === "m") for (const code of (sequence || "0").split(";")) this.#restyle(code);
      else if (verb === "K") this.#cells = sequence === "2" ? [] : this.#cells.slice(0, this.#column);
      else if (plain === "\r") this.#column = 0;
      else if (plain === "\n") this.#nextRow(at);
      else if (plain !== undefined) this.#cells[this.#column++] = { text: plain, style: this.#style };
    }
    this.#show(at);
  }

  #nextRow(at: number): void {
    this.#show(at);
    if (this.#shown) this.versions.push(this.#shown.version);
    this.#shown = undefined;
    this.#row += 1;
    this.#column = 0;
    this.#cells = [];
  }

  /** What has changed in the current row becomes a version of it. */
  #show(at: number): void {
    const cells = Array.from(this.#cells, (cell) => cell ?? { text: " ", style: {} });
    const key = JSON.stringify(cells);
    if (key === (this.#shown?.cells ?? "[]")) return;
    if (this.#shown) this.versions.push({ ...this.#shown.version, until: at });
    this.#shown = cells.length > 0 ? { cells: key, version: { row: this.#row, cells, from: at } } : undefined;
  }

  #restyle(code: string): void {
    if (code === "0") this.#style = {};
    else if (code === "1") this.#style = { ...this.#style, bold: true };
    else if (code === "2") this.#style = { ...this.#style, dim: true };
    else if (code === "22") this.#style = { ...this.#style, bold: false, dim: false };
    else if (code === "39") this.#style = { ...this.#style, colour: undefined };
    else this.#style = { ...this.#style, colour: COLOURS[code] };
  }
}

/** What a command wrote to its terminal, piece by piece, with the seconds before each. */
function record(command: string): readonly { readonly after: number; readonly text: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "tend-record-"));
  const [output, timing] = [join(folder, "output"), join(folder, "timing")];
  const run = `stty cols ${COLUMNS} rows 50; ${command}`;
  spawnSync("script", ["-q", "-e", "-f", "-O", output, "-T", timing, "-c", `sh -c ${quote(run)}`], { stdio: "ignore" });
  // The log's first line is script's own.
  const whole = readFileSync(output);
  let offset = whole.indexOf("\n") + 1;
  const pieces = readFileSync(timing, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number) as [number, number])
    .map(([after, size]) => {
      const piece = whole.subarray(offset, offset + size).toString("utf8");
      offset += size;
      return { after, text: piece };
    });
  rmSync(folder, { recursive: true });
  return pieces;
}

function draw(screen: Screen): string {
  const width = Math.round(COLUMNS * CELL.width + 2 * PADDING);
  const height = screen.rows * CELL.height + 2 * PADDING;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>tend on a terminal</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: ${INK}; white-space: pre }
.gone { opacity: 0 }
@media not (prefers-reduced-motion) {
.v { animation: appear 0s var(--from) backwards }
.gone { animation: pass var(--for) var(--from) step-end }
}
@keyframes appear { from { opacity: 0 } }
@keyframes pass { from { opacity: 1 } to { opacity: 1 } }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="#0d1117" stroke="#484f58"/>
${screen.versions.map(drawVersion).join("\n")}
</svg>
`;
}

function drawVersion({ row, cells, from, until }: Version): string {
  const y = PADDING + row * CELL.height + 15;
  const start = `--from:${from.toFixed(2)}s`;
  const attributes =
    until === undefined ? `class="v" style="${start}"` : `class="gone" style="${start};--for:${(until - from).toFixed(2)}s"`;
  return `<g ${attributes}>${runs(cells)
    .map(({ at, text, style }) => {
      const fill = style.colour ?? (style.dim ? DIM : undefined);
      const look = `${fill ? ` fill="${fill}" style="fill:${fill}"` : ""}${style.bold ? ' font-weight="bold"' : ""}`;
      const length = [...text].length * CELL.width;
      return `<text x="${(PADDING + at * CELL.width).toFixed(1)}" y="${y}" textLength="${length.toFixed(1)}"${look}>${escape(text)}</text>`;
    })
    .join("")}</g>`;
}

/** Neighbours that look alike; wide gaps aren't drawn, since not every program that shows SVG keeps them. */
function runs(cells: readonly Cell[]): readonly { readonly at: number; readonly text: string; readonly style: Style }[] {
  const found: { at: number; text: string; style: Style }[] = [];
  for (const [at, { text, style }] of cells.entries()) {
    const last = found.at(-1);
    if (last && JSON.stringify(last.style) === JSON.stringify(style)) last.text += text;
    else found.push({ at, text, style });
  }
  return found.flatMap(({ at, text, style }) =>
    [...text.matchAll(/\S+(?: \S+)*/g)].map((word) => ({ at: at + [...text.slice(0, word.index)].length, text: word[0], style })),
  );
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const [out, ...commands] = process.argv.slice(2);
if (!out || commands.length === 0) {
  console.error("usage: node docs/record.ts OUT.svg COMMAND…");
  process.exit(2);
}
const screen = new Screen();
let now = 0.5;
for (const [at, line] of commands.entries()) {
  // What comes before `#!` is done unseen: it gets the stage ready.
  const [command = "", unseen] = line.split("#!").reverse();
  if (unseen) spawnSync("sh", ["-c", unseen], { stdio: "inherit" });
  if (at > 0) screen.write("\r\n", now);
  screen.write(`\x1b[36m$\x1b[0m \x1b[1m${command.trim()}\x1b[0m\r\n`, now);
  now += PROMPT_SECONDS;
  for (const { after, text } of record(command)) {
    now += after;
    screen.write(text, now);
  }
  now += PROMPT_SECONDS;
}
writeFileSync(out, draw(screen));
