import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { coldStart } from "./cold-start.ts";
import { deploys } from "./deploy.ts";
import { doctorOfAHost } from "./doctor.ts";
import { type Figure, table } from "./measure.ts";
import { postgresData } from "./postgres.ts";
import { schemaFingerprint } from "./schema.ts";
import { sqliteData } from "./sqlite.ts";
import { statusOfMany } from "./status.ts";

/** `npm run bench [cold-start|status|doctor|deploy|schema|postgres|sqlite …] [-- --write]`: needs `lab/up`, but for cold-start. */
const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  "cold-start": coldStart,
  status: statusOfMany,
  doctor: doctorOfAHost,
  deploy: deploys,
  schema: schemaFingerprint,
  postgres: postgresData,
  sqlite: sqliteData,
};

const PAGE = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`… ${name}`);
  const figures = await bench();
  console.log(table(figures));
  if (process.argv.includes("--write")) await write(name, figures);
}

/** Takes the place of the bench's own section; what was measured before stays beside it. */
async function write(name: string, figures: readonly Figure[]): Promise<void> {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.versions.node}`;
  const text = await readFile(PAGE, "utf8");
  const section = `## ${name}\n\nMeasured on ${new Date().toISOString().slice(0, 10)}: ${machine}.\n\n${table(figures)}\n`;
  const [head = "", ...sections] = text.split(/^(?=## )/m);
  const others = sections.filter((one) => !one.startsWith(`## ${name}\n`));
  const order = Object.keys(benches);
  const all = [...others.map((one) => `${one.trimEnd()}\n`), section].sort(
    (one, other) => order.indexOf(titleOf(one)) - order.indexOf(titleOf(other)),
  );
  await writeFile(PAGE, [`${head.trimEnd()}\n`, ...all].join("\n"));
}

function titleOf(section: string): string {
  return /^## (.*)$/m.exec(section)?.[1] ?? "";
}
