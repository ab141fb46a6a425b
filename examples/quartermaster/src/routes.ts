import { hostname } from "node:os";
import { type Call, Refusal, type Reply, type Route } from "./http.ts";
import type { Ledger } from "./ledger.ts";
import { errorClass, type Log } from "./log.ts";
import { frontPage, publicBase } from "./page.ts";

export interface RouteOptions {
  readonly ledger: Ledger;
  /** Throws when the database is not as it should be. */
  readonly probe: () => void;
  readonly version: string;
  readonly stylesheet: string;
  readonly log: Log;
}

export function createRoutes({ ledger, probe, version, stylesheet, log }: RouteOptions): Route[] {
  function health(): Reply {
    try {
      probe();
      return { status: 200, body: { status: "ok" } };
    } catch (error) {
      // Anyone may ask: the class is all that gets out.
      log.warning("healthz_failed", { error_class: errorClass(error) });
      return { status: 503, body: { status: "error", detail: errorClass(error) } };
    }
  }

  async function createMonth({ json }: Call): Promise<Reply> {
    const { year_month } = await json();
    if (typeof year_month !== "string" || !/^\d{4}-(0[1-9]|1[0-2])$/.test(year_month)) {
      throw new Refusal(422, "year_month: a month such as 2026-11 is expected");
    }
    if (!ledger.createMonth(year_month)) throw new Refusal(409, `${year_month} is there already`);
    log.info("month_created", { year_month });
    return { status: 201, body: { year_month } };
  }

  function showMonth({ id }: Call): Reply {
    const month = ledger.month(id);
    if (!month) throw new Refusal(404, `there is no month ${id}`);
    return { status: 200, body: { ...month, entries: ledger.entries(id) } };
  }

  function closeMonth({ id }: Call): Reply {
    if (!ledger.closeMonth(id)) throw new Refusal(409, `${id} is not an open month`);
    log.info("month_closed", { year_month: id });
    return { status: 200, body: { year_month: id, state: "closed" } };
  }

  async function addEntry({ id, json }: Call): Promise<Reply> {
    const { name, planned } = await json();
    if (typeof name !== "string" || name.trim() === "") throw new Refusal(422, "name: a text is expected");
    const cents = wholeCents("planned", planned);
    if (ledger.month(id)?.state !== "open") throw new Refusal(409, `${id} is not an open month`);
    const entry = ledger.addEntry(id, name.trim(), cents);
    if (entry === undefined) throw new Refusal(409, `${id} has an entry "${name.trim()}" already`);
    return { status: 201, body: { id: entry } };
  }

  async function addPosting({ id, json }: Call): Promise<Reply> {
    const { amount, note = "" } = await json();
    const cents = wholeCents("amount", amount);
    if (typeof note !== "string") throw new Refusal(422, "note: a text is expected");
    if (ledger.stateOf(Number(id)) !== "open") throw new Refusal(409, `entry ${id} is not in an open month`);
    const posting_id = ledger.addPosting(Number(id), cents, note);
    log.info("posting_added", { posting_id, month_entry_id: Number(id), amount: cents });
    return { status: 201, body: { id: posting_id } };
  }

  return [
    ["GET", /^\/healthz$/, health],
    ["GET", /^\/version$/, () => ({ status: 200, body: { app: "quartermaster", version, instance: hostname() } })],
    ["GET", /^\/static\/app\.css$/, () => ({ status: 200, type: "text/css", body: stylesheet })],
    ["GET", /^\/$/, ({ request }) => html(frontPage(publicBase(request), version, ledger.months()))],
    ["GET", /^\/months$/, () => ({ status: 200, body: { months: ledger.months() } })],
    ["POST", /^\/months$/, createMonth],
    ["GET", /^\/months\/(\d{4}-\d{2})$/, showMonth],
    ["POST", /^\/months\/(\d{4}-\d{2})\/close$/, closeMonth],
    ["POST", /^\/months\/(\d{4}-\d{2})\/entries$/, addEntry],
    ["POST", /^\/entries\/(\d{1,12})\/postings$/, addPosting],
  ];
}

function html(body: string): Reply {
  return { status: 200, type: "text/html; charset=utf-8", body };
}

function wholeCents(field: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new Refusal(422, `${field}: whole cents are expected`);
  return value;
}
