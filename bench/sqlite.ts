import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { freshHost, lab, labHostOfThisWorker, on } from "../test/lab/lab.ts";
import { Workshop } from "../test/lab/workshop.ts";
import { type Figure, median, milliseconds, timed } from "./measure.ts";
import { stepTime, tendJson } from "./steps.ts";

const HOST = labHostOfThisWorker();
const MB = Number(process.env["TEND_BENCH_MB"] ?? 1000);
const TURNS = 3;

/** A verified backup of a SQLite file beside VACUUM INTO, while nobody writes and while somebody does. */
export async function sqliteData(): Promise<readonly Figure[]> {
  await freshHost(HOST);
  const workshop = await Workshop.open();
  try {
    const address = lab().hosts.find((one) => one.name === HOST)?.address as string;
    await workshop.sshAliases({ bench: address });
    await on(HOST, "mkdir -p ~/bench ~/bare /srv/db && cat >~/bench/compose.yaml", COMPOSE);
    await on(HOST, "cat >/srv/db/make.ts", await readFile(fileURLToPath(new URL("./data/sqlite.ts", import.meta.url)), "utf8"));
    await on(HOST, "cat >/srv/db/write.mjs", WRITER);
    await on(HOST, "cd ~/bench && docker compose up -d --quiet-pull 2>&1");
    await on(HOST, `docker exec app node --no-warnings /data/make.ts /data/app.db ${MB}`);
    await workshop.write("tend.yaml", DECLARATION);
    const figures: Figure[] = [];
    for (const rate of [0, 200, 2000]) figures.push(await beside(workshop, rate));
    return figures;
  } finally {
    await workshop.close();
    await freshHost(HOST);
  }
}

const COMPOSE = `services:
  app: { image: "node:24-slim", container_name: app, command: [sleep, "100000"], init: true, volumes: ["/srv/db:/data"] }
`;
const DECLARATION = `fleet: bench
hosts: { bench: { ssh: bench } }
apps:
  bench:
    host: bench
    path: ~/bench
    databases: { main: { sqlite: /srv/db/app.db } }
    backups: { to: ~/backups }
`;

/** Writes so many transactions a second, and tells the longest that one has taken since it was last asked, in ms. */
const WRITER = `import { DatabaseSync } from "node:sqlite";
import { writeFileSync } from "node:fs";
const rate = Number(process.argv[2]);
const db = new DatabaseSync("/data/app.db");
db.exec("PRAGMA busy_timeout = 60000; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS written (at TEXT, n INTEGER)");
const insert = db.prepare("INSERT INTO written VALUES (?, ?)");
let worst = 0, n = 0, due = performance.now();
process.on("SIGUSR2", () => { writeFileSync("/data/worst", String(worst)); worst = 0; });
setInterval(() => {
  for (; due < performance.now(); due += 1000 / rate) {
    const began = performance.now();
    insert.run(new Date().toISOString(), n++);
    worst = Math.max(worst, performance.now() - began);
  }
}, 5);
`;

async function beside(workshop: Workshop, rate: number): Promise<Figure> {
  if (rate > 0)
    await on(HOST, `docker exec -d app sh -c 'echo $$ >/data/pid; exec node --no-warnings /data/write.mjs ${rate}'; sleep 1`);
  const tend: number[] = [];
  const bare: number[] = [];
  const stalls = { tend: 0, bare: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    await on(HOST, "rm -rf ~/backups ~/bare/* /srv/db/copy.db");
    await worst(rate);
    tend.push(stepTime(await tendJson(workshop, "backup", "bench"), "backup-main"));
    stalls.tend = Math.max(stalls.tend, await worst(rate));
    bare.push(await timed(() => on(HOST, `docker exec app node --no-warnings -e ${VACUUM}`)));
    stalls.bare = Math.max(stalls.bare, await worst(rate));
  }
  if (rate > 0) await on(HOST, "docker exec app sh -c 'kill $(cat /data/pid)'");
  const stall = (ms: number) => (rate > 0 ? `, the writer stalled ${Math.round(ms)} ms at worst` : "");
  return {
    what: `verified backup of ${MB} MB of SQLite, ${rate === 0 ? "idle" : `${rate} writes/s`}`,
    tend: `${milliseconds(median(tend))}${stall(stalls.tend)}`,
    compared: `VACUUM INTO alone: ${milliseconds(median(bare))}${stall(stalls.bare)}`,
    ratio: median(tend) / median(bare),
  };
}

const VACUUM = `'const db = new (require("node:sqlite").DatabaseSync)("/data/app.db"); db.exec("PRAGMA busy_timeout = 60000"); db.prepare("VACUUM INTO ?").run("/data/copy.db")'`;

async function worst(rate: number): Promise<number> {
  if (rate === 0) return 0;
  return Number((await on(HOST, "docker exec app sh -c 'kill -USR2 $(cat /data/pid); sleep 0.3; cat /data/worst'")).trim());
}
