// Fills an empty ledger, always with the same months: `node src/seed.ts`, after the app has made the tables.
import type { DatabaseSync } from "node:sqlite";
import { databasePath, openDatabase } from "./database.ts";

const NAMES = [
  "Rent",
  "Food",
  "Electricity",
  "Travel",
  "Telephone",
  "Books",
  "Clothes",
  "Gifts",
  "Savings",
  "Repairs",
  "Café",
  "Träning",
];
const MONTHS = 36;
const POSTINGS = 25;

/** How many postings there are now: of each month's twelve entries twenty-five. All months but the last are closed. */
export function seed(database: DatabaseSync): number {
  if (database.prepare("SELECT 1 FROM month LIMIT 1").get()) throw new Error("the ledger is not empty");
  const month = database.prepare("INSERT INTO month (year_month, state, created_at, closed_at) VALUES (?, ?, ?, ?)");
  const entry = database.prepare("INSERT INTO month_entry (year_month, name, planned) VALUES (?, ?, ?)");
  const posting = database.prepare("INSERT INTO posting (month_entry_id, amount, note, created_at) VALUES (?, ?, ?, ?)");
  database.exec("BEGIN");
  for (let m = 0; m < MONTHS; m += 1) {
    const last = m === MONTHS - 1;
    const yearMonth = `${2024 + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`;
    const at = (day: number) => `${yearMonth}-${String(day).padStart(2, "0")}T12:00:00Z`;
    month.run(yearMonth, last ? "open" : "closed", at(1), last ? null : at(28));
    NAMES.forEach((name, e) => {
      const { lastInsertRowid } = entry.run(yearMonth, name, (e + 1) * 10_000);
      for (let p = 0; p < POSTINGS; p += 1) {
        posting.run(lastInsertRowid, ((m * 31 + e * 17 + p * 7) % 900) + 100, `${name}, ${p + 1}`, at((p % 28) + 1));
      }
    });
  }
  database.exec("COMMIT");
  return MONTHS * NAMES.length * POSTINGS;
}

if (import.meta.main) {
  const database = openDatabase(databasePath(process.env.QUARTERMASTER_DB_URL || "sqlite:///quartermaster.db"));
  console.log(`${seed(database)} postings`);
  database.close();
}
