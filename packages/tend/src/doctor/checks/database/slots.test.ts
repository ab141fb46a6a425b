import { cases, container } from "../../testing.ts";
import { slotConflict, slotInactive, slotWal } from "./slots.ts";

const SLOT = {
  name: "electric_slot_legal",
  plugin: "pgoutput",
  database: "skriptoteket",
  active: true,
  status: "reserved",
  held: 56,
  reader: { name: "electric", address: "10.0.0.9" },
};
const IDLE = { ...SLOT, active: false, reader: undefined };
const slots =
  (...all: readonly object[]) =>
  (recorded: string) =>
    `${recorded}fact ${JSON.stringify({ slots: all })}\n`;
const SILENT = { exit: 124, stdout: "" };

const waits = (recorded: string) =>
  recorded.replace(
    "\x1elog skriptoteket-web\n",
    '\x1elog skriptoteket-web\nslot 2026-11-20T13:53:33Z ERROR:  replication slot "electric_slot_legal" is active for PID 77\n',
  );
const at = (address: string) =>
  container("skriptoteket-web", () => ({ networks: { edge: { IPAddress: address, Aliases: null } } }));

cases(slotConflict, {
  good: {
    "it has it by now": { logs: waits, postgres: slots(SLOT), containers: at("10.0.0.9") },
    "the other one let go": { logs: waits, postgres: slots(IDLE) },
    "the slot is gone": { logs: waits },
  },
  bad: {
    "another has it": {
      seen: { logs: waits, postgres: slots(SLOT), containers: at("10.0.0.8") },
      on: "hemma/skriptoteket/web",
      says: /waits for the replication slot electric_slot_legal.*10\.0\.0\.9/s,
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT, logs: waits } },
});

cases(slotInactive, {
  good: {
    "it is read": { postgres: slots(SLOT) },
    "its reader may be the service that was stopped": {
      postgres: slots(IDLE),
      containers: container("skriptoteket-web", () => ({ state: "exited" })),
    },
    "its reader may be the service that has just been started": {
      postgres: slots(IDLE),
      containers: container("skriptoteket-web", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } })),
    },
    "its reader is being replaced": { postgres: slots({ ...IDLE, inactiveSince: "2026-11-20T13:53:30+00:00" }) },
  },
  bad: {
    "it was left behind": {
      seen: { postgres: slots({ ...IDLE, held: 5_000_000, inactiveSince: "2026-11-19T10:00:00+00:00" }) },
      on: "hemma/skriptoteket/electric_slot_legal",
      says: "5.0 MB",
    },
    "of no database that is declared": {
      seen: { postgres: slots({ ...IDLE, database: "other" }) },
      on: "hemma/shared-postgres/electric_slot_legal",
      says: "nobody reads",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

cases(slotWal, {
  good: { "it keeps up": { postgres: slots(SLOT) } },
  bad: {
    "it holds back much": {
      seen: { postgres: slots({ ...SLOT, held: 3 * 1024 ** 3 }) },
      on: "hemma/skriptoteket/electric_slot_legal",
      says: "3.2 GB",
    },
    "it was given up": {
      seen: { postgres: slots({ ...IDLE, status: "lost" }) },
      on: "hemma/skriptoteket/electric_slot_legal",
      says: "has lost",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});
