import { beforeAll, expect, it } from "vitest";
import { durations, fill, good, halfDone, hit, keepNewest, points, recovers } from "./faults.ts";
import { labHostOfThisWorker } from "./lab.ts";
import { running, type Skriptoteket } from "./skriptoteket.ts";
import { counts, newest, sql, tend } from "./skriptoteket-data.ts";

/** A restore hit at so many points: afterwards the data is that of the backup, or what was live; and the app serves. */
export function restoreUnderFaults(seed: number, count: number, steps: readonly string[]): void {
  let app: Skriptoteket;
  let took: ReadonlyMap<string, number>;
  let base: string;
  let then: Readonly<Record<string, number>>;

  beforeAll(async () => {
    app = await running(labHostOfThisWorker(), "nginx");
    await fill(app);
    await tend(app, 0, "backup", "skriptoteket", "--only", "main", "--reason", "base");
    base = await newest(app);
    then = await counts(app);
    took = await durations(app, "restore", "skriptoteket", base, "--confirm", "skriptoteket");
    return () => app.close();
  }, 180_000);

  it.each(points(seed, count, steps))("$number: $fault in $step, at $share of it", async (point) => {
    await sql(app, `insert into tools (slug, title) values ('of-today-${point.number}', 'Of today')`);
    const [before, today] = [await good(app), await counts(app)];
    const result = await hit(app, point, took, "restore", "skriptoteket", base, "--confirm", "skriptoteket");
    await recovers(app, result);
    expect(await good(app), result.told).toEqual(expect.arrayContaining([...before]));
    expect([then, today], result.told).toContainEqual(await counts(app));
    if (result.exit === 0) expect(await counts(app)).toEqual(then);
    await keepNewest(app, 4, base);
  });

  it("and a restore in which nothing goes wrong does what it is asked for", async () => {
    await tend(app, 0, "restore", "skriptoteket", base, "--confirm", "skriptoteket");
    expect(await counts(app)).toEqual(then);
    expect(await halfDone(app)).toEqual([]);
    await tend(app, 0, "drill", "skriptoteket", "--database", "main");
  });
}
