import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { coldStart } from "./cold-start.ts";
import { deploys } from "./deploy.ts";
import { type Figure, table } from "./measure.ts";
import { postgresData } from "./postgres.ts";
import { schemaFingerprint } from "./schema.ts";
import { sqliteData } from "./sqlite.ts";
import { statusOfMany } from "./status.ts";

/** `npm run bench [cold-start|status|deploy …] [-- --write]`: needs `lab/up`, but for cold-start. */
const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  "cold-start": coldStart,
  status: statusOfMany,
  deploy: deploys,
  schema: schemaFingerprint,
  postgres: postgresData,
  sqlite: sqliteData,
};

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`… ${name}`);
  figures.push(...(await bench()));
}
console.log(table(figures));

if (process.argv.includes("--write")) {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.versions.node}`;
  const text = `# Benchmarks

Each row is measured in one run, tend and what it is compared with turn by turn; ratios count, times are of this machine.
\`npm run bench -- --write\` measures anew (it needs \`lab/up\`).

Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}; the server is a lab host on the same machine.

${table(figures)}

- "The runbook" is \`ssh host "cd … && git pull && docker compose -f compose.prod.yaml up -d --build --wait"\`. The
  runbook's own line has no \`--wait\`; without it the line ends before the new container answers.
- In "one service changed" both recreate the container where it stands; the swap without downtime is a row of its own.
- A round trip of 50 ms is made by a TCP relay that holds every piece for 25 ms in each direction.
`;
  await writeFile(fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url)), text);
}
