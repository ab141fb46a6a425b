import type { DatabaseSync } from "node:sqlite";

/** Amounts are whole cents. */
export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly planned: number;
  readonly spent: number;
}

export interface Month {
  readonly year_month: string;
  readonly state: "open" | "closed";
}

export interface Ledger {
  months(): Month[];
  month(yearMonth: string): Month | undefined;
  entries(yearMonth: string): Entry[];
  /** False when it is there already. */
  createMonth(yearMonth: string): boolean;
  closeMonth(yearMonth: string): boolean;
  /** The new entry's id; undefined when the month has one of that name. */
  addEntry(yearMonth: string, name: string, planned: number): number | undefined;
  /** The state of the month that an entry belongs to. */
  stateOf(entryId: number): Month["state"] | undefined;
  addPosting(entryId: number, amount: number, note: string): number;
}

export function createLedger(database: DatabaseSync): Ledger {
  const months = database.prepare("SELECT year_month, state FROM month ORDER BY year_month DESC");
  const month = database.prepare("SELECT year_month, state FROM month WHERE year_month = ?");
  const entries = database.prepare(`
    SELECT e.id, e.name, e.planned, coalesce(sum(p.amount), 0) AS spent
    FROM month_entry e LEFT JOIN posting p ON p.month_entry_id = e.id
    WHERE e.year_month = ? GROUP BY e.id ORDER BY e.name`);
  const createMonth = database.prepare("INSERT INTO month (year_month) VALUES (?) ON CONFLICT DO NOTHING");
  const closeMonth = database.prepare(
    "UPDATE month SET state = 'closed', closed_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE year_month = ? AND state = 'open'",
  );
  const addEntry = database.prepare(
    "INSERT INTO month_entry (year_month, name, planned) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const stateOf = database.prepare("SELECT m.state FROM month m JOIN month_entry e USING (year_month) WHERE e.id = ?");
  const addPosting = database.prepare("INSERT INTO posting (month_entry_id, amount, note) VALUES (?, ?, ?)");

  return {
    months: () => months.all() as unknown as Month[],
    month: (yearMonth) => month.get(yearMonth) as Month | undefined,
    entries: (yearMonth) => entries.all(yearMonth) as unknown as Entry[],
    createMonth: (yearMonth) => createMonth.run(yearMonth).changes === 1,
    closeMonth: (yearMonth) => closeMonth.run(yearMonth).changes === 1,
    addEntry: (yearMonth, name, planned) => {
      const { changes, lastInsertRowid } = addEntry.run(yearMonth, name, planned);
      return changes === 1 ? Number(lastInsertRowid) : undefined;
    },
    stateOf: (entryId) => (stateOf.get(entryId) as Pick<Month, "state"> | undefined)?.state,
    addPosting: (entryId, amount, note) => Number(addPosting.run(entryId, amount, note).lastInsertRowid),
  };
}
