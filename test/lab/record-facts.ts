import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Splits a support bundle (`tend doctor --bundle FILE`) of a healthy host into the recorded answers that the checks' cases
 * start from: node test/lab/record-facts.ts FILE [PART…]
 */
const [file, ...wanted] = process.argv.slice(2);
if (file === undefined) throw new Error("node test/lab/record-facts.ts BUNDLE [PART…]");
const { hosts } = JSON.parse(await readFile(file, "utf8")) as {
  hosts: { answers: Record<string, unknown>; facts: Record<string, { value?: unknown }> }[];
};
const folder = join(import.meta.dirname, "../../packages/tend/src/doctor/facts/recorded");
await mkdir(folder, { recursive: true });
for (const { answers, facts } of hosts) {
  for (const [name, fact] of Object.entries(facts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const answer = answers[name];
    const text = answer ? { answer } : { value: fact.value };
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(text, undefined, 1)}\n`);
  }
}
