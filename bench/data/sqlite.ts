/**
 * A SQLite file like a grown application's, always the same for the same size:
 *
 *   node bench/data/sqlite.ts FILE [MB]      (a new file; 100 when no size is given)
 *
 * One big table, one with long texts, two middle ones, twenty small ones; foreign keys, a generated column, a trigger,
 * a partial index. In WAL mode, with nothing left in the log.
 */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const WORDS =
  "the a of and to in for with on by late early open closed new old paid due small large stock customer parcel invoice reminder warehouse shelf picture report summary answer question delivery address garden winter summer quiet broken mended painted counted missing returned Ahlström Göteborg Łódź café naïve 東京 price weight colour paper cotton timber copper oak birch river harbour station market window kitchen engine bicycle lamp chair table".split(
    " ",
  );

/** Makes the file; answers how many bytes it has. */
export function generateSqlite(file: string, mb = 100): number {
  if (existsSync(file)) throw new Error(`${file} is there already`);
  const database = new DatabaseSync(file);
  // The file is of no use until it is finished, so nothing has to be durable on the way.
  database.exec(
    "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN",
  );
  fill(database, mb);
  database.exec("COMMIT; ANALYZE; PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return statSync(file).size;
}

function fill(database: DatabaseSync, mb: number): void {
  const chance = generator();
  const below = (limit: number) => Math.floor(chance() * limit);
  const sentences = Array.from(
    { length: 4096 },
    () => `${Array.from({ length: 9 }, () => WORDS[below(WORDS.length)]).join(" ")}.`,
  );
  const sentence = () => sentences[below(sentences.length)] as string;
  const time = (n: number) => new Date(Date.UTC(2023, 0, 1) + n * 57_000).toISOString();
  const insert = (table: string, columns: number) => {
    const statement = database.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill("?").join(", ")})`);
    return (...values: (string | number | Uint8Array)[]) => statement.run(...values);
  };
  const [accounts, orders, documents, events] = [mb * 60, mb * 350, mb * 20, mb * 2490];

  for (let list = 1; list <= 20; list += 1) {
    database.exec(
      `CREATE TABLE list_${list} (code TEXT PRIMARY KEY, label TEXT NOT NULL, active INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    );
    const add = insert(`list_${list}`, 3);
    for (let n = 1; n <= 3 + list * list; n += 1) add(`c${n}`, `Label ${n} of list ${list}`, n % 7 === 0 ? 0 : 1);
  }

  database.exec(`CREATE TABLE account (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, preferences TEXT NOT NULL,
    updated_at TEXT NOT NULL, domain TEXT GENERATED ALWAYS AS (substr(email, instr(email, '@') + 1)) VIRTUAL) STRICT`);
  const account = database.prepare("INSERT INTO account (id, email, name, preferences, updated_at) VALUES (?, ?, ?, ?, ?)");
  for (let n = 1; n <= accounts; n += 1) {
    account.run(
      n,
      `user${n}@mail${n % 50}.example`,
      sentence(),
      JSON.stringify({ language: ["en", "sv", "de"][n % 3], dark: n % 2 === 0 }),
      time(n),
    );
  }

  database.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL REFERENCES account, state TEXT NOT NULL
    CHECK (state IN ('open', 'paid', 'sent')), net REAL NOT NULL, address TEXT NOT NULL, placed_at TEXT NOT NULL) STRICT`);
  const order = insert("orders", 6);
  for (let n = 1; n <= orders; n += 1) {
    const state = ["open", "paid", "sent"][below(3)] as string;
    order(n, 1 + Math.floor(chance() ** 3 * accounts), state, below(5_000_000) / 100, sentence(), time(n));
  }

  database.exec(
    `CREATE TABLE document (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, body TEXT NOT NULL, digest BLOB NOT NULL) STRICT`,
  );
  const document = insert("document", 4);
  for (let n = 1; n <= documents; n += 1) {
    const body = Array.from({ length: 5 + Math.floor(chance() ** 4 * 500) }, () => `${sentence()} ${below(1e9)}`).join("\n");
    document(n, 1 + below(accounts), body, createHash("sha256").update(body).digest());
  }

  database.exec(`CREATE TABLE event (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, kind TEXT NOT NULL, message TEXT NOT NULL,
    payload TEXT NOT NULL, occurred_at TEXT NOT NULL) STRICT`);
  const event = insert("event", 6);
  const kinds = ["login", "page_viewed", "order_placed", "order_paid", "mail_sent", "search", "error"] as const;
  for (let n = 1; n <= events; n += 1) {
    const payload = `{"request":"${below(2 ** 48).toString(16)}","ms":${below(3000)},"path":"/${n % 5000}","agent":{"name":"browser","major":${90 + (n % 40)}}}`;
    const kind = kinds[Math.floor(chance() ** 2 * 7)] as string;
    event(n, 1 + Math.floor(chance() ** 3 * accounts), kind, `${sentence()} ${sentence()}`, payload, time(n));
  }

  database.exec(`CREATE INDEX orders_by_account ON orders (account_id, placed_at);
    CREATE INDEX document_by_account ON document (account_id);
    CREATE INDEX event_by_account ON event (account_id, occurred_at);
    CREATE INDEX event_errors ON event (occurred_at) WHERE kind = 'error';
    CREATE TRIGGER account_updated AFTER UPDATE OF name ON account BEGIN
      UPDATE account SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = new.id; END;
    CREATE VIEW open_orders AS SELECT account_id, count(*) AS orders FROM orders WHERE state = 'open' GROUP BY account_id`);
}

/** Numbers from 0 to 1, the same in every run. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

if (import.meta.main) {
  const [file, mb] = process.argv.slice(2);
  if (!file || (mb !== undefined && !/^[1-9]\d*$/.test(mb))) {
    console.error("usage: node bench/data/sqlite.ts FILE [MB]");
    process.exit(2);
  }
  console.log(`${Math.round(generateSqlite(file, Number(mb ?? 100)) / 1e6)} MB`);
}
