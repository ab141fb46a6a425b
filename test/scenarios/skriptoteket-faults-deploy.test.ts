import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { durations, fill, good, hit, keepNewest, points, recovers } from "../lab/faults.ts";
import { labHostOfThisWorker } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { migration, sql, tend } from "../lab/skriptoteket-data.ts";

const STEPS = ["backup-main", "backup-main", "migrate", "migrate", "backed-up", "surge-web"];

describe("a deploy with a migration in which something goes wrong: nothing is migrated without a backup, the app serves, and the next deploy succeeds:", () => {
  let app: Skriptoteket;
  let took: ReadonlyMap<string, number>;
  let version = 1;

  beforeAll(async () => {
    app = await running(labHostOfThisWorker(), "nginx");
    await fill(app);
    await publish();
    took = await durations(app, "deploy", "skriptoteket");
  }, 180_000);

  afterAll(() => app?.close());

  async function publish(): Promise<void> {
    version += 1;
    const number = String(version + 2).padStart(4, "0");
    const statements = `ALTER TABLE tools ADD COLUMN column_${number} integer; SELECT pg_sleep(0.5);`;
    await app.publish(String(version), migration(`${number}_column`, statements));
  }

  it.each(points(20_260_802, 7, STEPS))("$number: $fault in $step, at $share of it", async (point) => {
    const before = await good(app);
    await publish();
    const result = await hit(app, point, took, "deploy", "skriptoteket");
    await recovers(app, result);
    expect(await good(app), result.told).toEqual(expect.arrayContaining([...before]));
    // The new code never serves on the old schema.
    if ((await applied()) < version + 2) expect(await app.version()).toBe(String(version - 1));
    await tend(app, 0, "deploy", "skriptoteket");
    await answers(app, String(version));
    expect(await applied()).toBe(version + 2);
    await keepNewest(app, 4);
  });

  async function applied(): Promise<number> {
    return Number(await sql(app, "select max(version) from schema_migrations"));
  }
});
