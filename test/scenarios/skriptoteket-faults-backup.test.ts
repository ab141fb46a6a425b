import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { durations, fill, good, hit, keepNewest, points, recovers } from "../lab/faults.ts";
import { labHostOfThisWorker } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { tend } from "../lab/skriptoteket-data.ts";

const STEPS = ["backup-main", "backup-main", "backup-main", "backup-artifacts", "backed-up"];

describe("a backup in which something goes wrong: what is listed restores, and the next one succeeds:", () => {
  let app: Skriptoteket;
  let took: ReadonlyMap<string, number>;

  beforeAll(async () => {
    app = await running(labHostOfThisWorker(), "nginx");
    await fill(app);
    took = await durations(app, "backup", "skriptoteket");
  }, 180_000);

  afterAll(() => app?.close());

  it.each(points(20_260_801, 14, STEPS))("$number: $fault in $step, at $share of it", async (point) => {
    const before = await good(app);
    const result = await hit(app, point, took, "backup", "skriptoteket");
    await recovers(app, result);
    expect(await good(app), result.told).toEqual(expect.arrayContaining([...before]));
    if (result.exit === 1) expect(result.told).toContain("there is no new backup");
    await keepNewest(app, 6);
  });

  it("all that are left restore", async () => {
    for (const name of await good(app)) await tend(app, 0, "drill", "skriptoteket", "--backup", name);
  });
});
