// Takes the slot, keeps it, says so. Whoever comes second waits until the first lets go.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

type Status = "starting" | "waiting_on_lock" | "active";

if (process.env.ELECTRIC_INSECURE !== "true" && !process.env.ELECTRIC_SECRET)
  fail("ELECTRIC_SECRET must be set, or ELECTRIC_INSECURE=true");
const database = new URL(process.env.DATABASE_URL ?? fail("DATABASE_URL must be set"));
const stream = process.env.ELECTRIC_REPLICATION_STREAM_ID ?? "default";
const slot = `electric_slot_${stream}`;
const publication = `electric_publication_${stream}`;

// By environment, so that no password stands in a process list.
const environment = {
  ...process.env,
  PGHOST: database.hostname,
  PGPORT: database.port || "5432",
  PGUSER: decodeURIComponent(database.username),
  PGPASSWORD: decodeURIComponent(database.password),
  PGDATABASE: database.pathname.slice(1),
  PGAPPNAME: "electric",
  PGCONNECT_TIMEOUT: "5",
  PGSSLMODE: database.searchParams.get("sslmode") ?? "prefer",
};

let status: Status = "starting";
let child: ChildProcess | undefined;
let stopping = false;

function fail(message: string): never {
  console.error(`[error] ${message}`);
  process.exit(1);
}

function become(next: Status, why: string): void {
  if (next === status) return;
  status = next;
  console.log(`[info] ${next}: ${why}`);
}

/** Runs to the end; hands over each line of stderr, where PostgreSQL's programs speak. */
function run(command: string, args: string[], heard: (line: string) => void): Promise<number | null> {
  const process = spawn(command, args, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  child = process;
  createInterface({ input: process.stderr }).on("line", heard);
  return new Promise((resolve) => process.on("close", resolve));
}

async function hold(): Promise<void> {
  const complain = (line: string) => console.error(`[warning] ${line}`);
  const connection = ["-d", environment.PGDATABASE, "-S", slot];
  const created = `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = '${publication}') THEN CREATE PUBLICATION "${publication}"; END IF; END $$`;
  if ((await run("psql", ["-qX", "-c", created], complain)) !== 0) return become("starting", "the database can't be used yet");
  if ((await run("pg_recvlogical", ["--create-slot", "--if-not-exists", "-P", "pgoutput", ...connection], complain)) !== 0)
    return become("starting", "the slot can't be made yet");

  const options = ["-o", "proto_version=1", "-o", `publication_names=${publication}`];
  await run("pg_recvlogical", ["--start", "--no-loop", "--verbose", ...connection, "-f", "/dev/null", ...options], (line) => {
    if (line.includes("streaming initiated")) return become("active", `streaming from ${slot}`);
    if (/is active for PID/.test(line)) return become("waiting_on_lock", line);
    if (!/starting log streaming|confirming write|disconnected/.test(line)) complain(line);
  });
  if (status === "active") become("starting", "replication ended");
}

createServer((incoming, outgoing) => {
  if (incoming.url?.split("?")[0] !== "/v1/health") {
    outgoing.writeHead(404).end();
    return;
  }
  outgoing.writeHead(status === "active" ? 200 : 503, { "content-type": "application/json" }).end(JSON.stringify({ status }));
}).listen(Number(process.env.ELECTRIC_PORT ?? 3000));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    stopping = true;
    child?.kill("SIGTERM");
    setTimeout(() => process.exit(0), 500);
  });
}

if (!/^[a-z0-9_]+$/.test(stream)) fail("ELECTRIC_REPLICATION_STREAM_ID may hold lower-case letters, digits and underscores only");
while (!stopping) {
  await hold();
  await sleep(1000);
}
process.exit(0);
