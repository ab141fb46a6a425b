import { readFile } from "node:fs/promises";
import { checks } from "../../packages/tend/src/doctor/checks/index.ts";

interface Noted {
  readonly name: string;
  readonly finds: string;
  readonly seconds: number;
  readonly standIn?: string;
}

/**
 * Makes docs/faults.md of what the scenarios walked into: TEND_FAULT_TABLE=FILE npx vitest run --project hosts test/scenarios/doctor-*,
 * then node test/lab/fault-table.ts FILE >docs/faults.md
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("node test/lab/fault-table.ts FILE");
const faults = (await readFile(file, "utf8"))
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Noted);
const newest = [...new Map(faults.map((fault) => [`${fault.finds} ${fault.name}`, fault])).values()].sort((one, other) =>
  one.finds === other.finds ? (one.name < other.name ? -1 : 1) : one.finds < other.finds ? -1 : 1,
);
const found = new Set(newest.map((fault) => fault.finds));
const others = checks.filter(({ id }) => !found.has(id)).map(({ id }) => `\`${id}\``);
const link = (id: string) => `[\`${id}\`](reference/checks.md#${id.replaceAll(".", "")})`;
console.log(`# Faults that were walked into

Each of these was brought about on a real host of the [lab](../lab/README.md), alone, on a host where nothing was wrong.
\`tend doctor\` had to find it under this id, with no other error; what is only information, with nothing above that. Once it
was undone, it had to be gone, and nothing above information left. The seconds are those of the one \`tend doctor\` that
found it, on two cores that two or more such tests shared; they are not how long the fault takes to show (a health check has to fail
as often as it may first).

${newest.length} faults, ${others.length > 0 ? found.size : "all"} of the ${checks.length} [checks](reference/checks.md).${others.length > 0 ? ` Not walked into: ${others.join(", ")}.` : ""} All of them
are held to recorded answers, changed, in \`packages/tend/src/doctor/checks/\`, too.

| fault | found as | s |
|---|---|---|
${newest.map(({ name, finds, seconds }) => `| ${name.replaceAll("|", "\\|")} | ${link(finds)} | ${seconds.toFixed(1)} |`).join("\n")}

## What stood in

The lab's hosts are containers that share one machine's kernel, clock and memory, with neither a router nor a public address.
Where a fault could not be had as a server has it, this was in its place:

${newest.flatMap(({ finds, standIn }) => (standIn === undefined ? [] : [`- ${link(finds)}: ${standIn}`])).join("\n")}`);
