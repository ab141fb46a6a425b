import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { freshHost, lab, labHostOfThisWorker, on } from "../test/lab/lab.ts";
import { Workshop } from "../test/lab/workshop.ts";
import { type Figure, median, milliseconds, sideBySide, timed } from "./measure.ts";
import { stepsOf, stepTime, tendJson } from "./steps.ts";

const HOST = labHostOfThisWorker();
const MB = Number(process.env["TEND_BENCH_MB"] ?? 1000);
const TURNS = 3;

/** A verified backup, a drill and a restore beside what one would type, on a generated database. */
export async function postgresData(): Promise<readonly Figure[]> {
  await freshHost(HOST);
  const workshop = await Workshop.open();
  try {
    await prepare(workshop);
    const size = (
      await on(HOST, `docker exec pg psql -U postgres -Atc "select pg_size_pretty(pg_database_size('bench'))"`)
    ).trim();
    return [
      ...(await backups(workshop, size)),
      ...(await drills(workshop)),
      ...(await restores(workshop)),
      await memory(workshop),
    ];
  } finally {
    await workshop.close();
    await freshHost(HOST);
  }
}

async function prepare(workshop: Workshop): Promise<void> {
  const address = lab().hosts.find((one) => one.name === HOST)?.address as string;
  await workshop.sshAliases({ bench: address });
  await on(HOST, "mkdir -p ~/bench ~/bare && cat >~/bench/compose.yaml", COMPOSE);
  await on(HOST, "cd ~/bench && docker compose up -d --quiet-pull 2>&1");
  await on(
    HOST,
    "until docker exec pg pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.2; done; docker exec pg createdb -U postgres bench",
  );
  const sql = await readFile(fileURLToPath(new URL("./data/generate.sql", import.meta.url)), "utf8");
  await on(HOST, `docker exec -i pg psql -qX -v ON_ERROR_STOP=1 -v mb=${MB} -U postgres -d bench >/dev/null`, sql);
  await on(HOST, `docker exec pg psql -qX -U postgres -d bench -c "vacuum analyze" -c checkpoint`);
  await workshop.write("tend.yaml", declaration("to: ~/backups"));
}

const COMPOSE = `services:
  pg: { image: "postgres:17", container_name: pg, environment: { POSTGRES_PASSWORD: x }, command: [postgres, -c, max_wal_size=4GB] }
  web: { image: "busybox:latest", command: [sleep, "100000"], init: true }
`;

function declaration(backups: string): string {
  return `fleet: bench
hosts: { bench: { ssh: bench } }
apps:
  bench:
    host: bench
    path: ~/bench
    services: [web]
    databases: { main: { postgres: { container: pg, name: bench } } }
    backups: { ${backups} }
`;
}

async function backups(workshop: Workshop, size: string): Promise<readonly Figure[]> {
  const steps: number[] = [];
  const clean = () => on(HOST, "rm -rf ~/backups ~/bare/*; sync");
  const backup = {
    before: clean,
    work: async () => void steps.push(stepTime(await tendJson(workshop, "backup", "bench"), "backup-main")),
  };
  const bare = (command: string) => ({ before: clean, work: () => on(HOST, `${command} && sync`) });
  const figures: Figure[] = [];
  for (const [what, command, aim] of [
    [
      "pg_dump -Fc --compress=zstd:3 >file",
      "docker exec pg pg_dump -U postgres -Fc --compress=zstd:3 bench >~/bare/z.dump",
      "≤ 1.15",
    ],
    ["the runbook's pg_dump >file.sql", "docker exec pg pg_dump -U postgres bench >~/bare/p.sql", undefined],
    ["pg_dump -Fc (gzip) >file", "docker exec pg pg_dump -U postgres -Fc bench >~/bare/g.dump", undefined],
  ] as const) {
    steps.length = 0;
    const both = await sideBySide(TURNS, backup, bare(command));
    const [mine, theirs] = await Promise.all([sizeOf("~/backups/bench/*/data.dump", backup.work), sizeOf("~/bare/*")]);
    const step = median(steps);
    figures.push({
      what: `verified backup of ${size}, on the host; ${mine} MB`,
      tend: milliseconds(step),
      compared: `${what}: ${milliseconds(both.compared)}, ${theirs} MB`,
      ratio: step / both.compared,
      aim,
    });
  }
  return figures;
}

/** In MB, as they lie there; made anew where the other contender's turn has taken it away. */
async function sizeOf(files: string, again?: () => Promise<unknown>): Promise<number> {
  if (again) await again();
  return Math.round(Number((await on(HOST, `cat ${files} | wc -c`)).trim()) / 1e6);
}

async function drills(workshop: Workshop): Promise<readonly Figure[]> {
  await on(HOST, "rm -rf ~/bare/*; docker exec pg pg_dump -U postgres -Fc --compress=zstd:3 -f /tmp/z.dump bench");
  const steps: number[] = [];
  const both = await sideBySide(
    TURNS,
    async () => {
      const result = await tendJson(workshop, "drill", "bench");
      steps.push(stepTime(result, ...DRILL));
    },
    {
      before: () => on(HOST, "docker exec pg createdb -U postgres -T template0 bare"),
      work: () => on(HOST, "docker exec pg pg_restore -U postgres -d bare -j2 /tmp/z.dump"),
      after: () => on(HOST, "docker exec pg dropdb -U postgres bare"),
    },
  );
  return [
    {
      what: "drill: verify, restore, compare every row, drop",
      tend: milliseconds(median(steps)),
      compared: `pg_restore -j2: ${milliseconds(both.compared)}`,
      ratio: median(steps) / both.compared,
      aim: "≤ 1.3",
    },
  ];
}

const DRILL = ["verify-main", "told-main", "load-main", "compare-main", "drop-main"];

async function restores(workshop: Workshop): Promise<readonly Figure[]> {
  const out: number[] = [];
  const back: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    out.push(outage(await tendJson(workshop, "restore", "bench", "newest", "--confirm", "bench")));
    back.push(outage(await tendJson(workshop, "restore", "bench", "--undo", "--confirm", "bench")));
  }
  const inPlace = await timed(() =>
    on(
      HOST,
      "cd ~/bench && docker compose stop web 2>/dev/null; docker exec pg pg_restore -U postgres -d bench --clean --if-exists /tmp/z.dump; docker compose start web 2>/dev/null",
    ),
  );
  return [
    {
      what: "restore: the app is down",
      tend: milliseconds(median(out)),
      compared: `stop, pg_restore --clean in place, start: ${milliseconds(inPlace)}`,
      ratio: median(out) / inPlace,
    },
    {
      what: "restore --undo: the app is down",
      tend: milliseconds(median(back)),
      compared: "restored once more in place",
      ratio: median(back) / inPlace,
    },
  ];
}

/** An encrypted backup goes through the machine that tend runs on: its memory must not grow with it. */
async function memory(workshop: Workshop): Promise<Figure> {
  const recipient = await identityToRecipient(await generateIdentity());
  await workshop.write("tend.yaml", declaration(`to: "here:./away", encrypt: ${recipient}`));
  const child = workshop.spawnTend("backup", "bench");
  let peak = 0;
  const watch = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, "utf8").then(
      (status) => {
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      },
      () => undefined,
    );
  }, 50);
  const began = performance.now();
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  if (exit !== 0) throw new Error(`tend backup ended with ${exit}`);
  return {
    what: "memory of tend, an encrypted backup streamed through it",
    tend: `${Math.round(peak / 1024)} MB in ${milliseconds(performance.now() - began)}`,
    compared: "",
    aim: "≤ 150 MB",
  };
}

/** From the stop to the last service that is healthy again. */
function outage(json: string): number {
  const all = stepsOf(json);
  const from = all.findIndex((one) => one.step === "stop");
  const until = all.findLastIndex((one) => one.step.startsWith("gate-"));
  return all.slice(from, until + 1).reduce((sum, one) => sum + one.ms, 0);
}
