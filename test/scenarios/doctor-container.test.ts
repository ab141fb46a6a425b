import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

describe("doctor, on a host where the app runs as it should", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  it("finds nothing above information", async () => {
    const { findings, crashed } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
  });

  it.each([
    {
      name: "the app is unhealthy: it answers no more",
      finds: "ctr.unhealthy",
      on: "hemma/skriptoteket/web",
      inject: () => on(HOST, "docker kill --signal STOP skriptoteket-web"),
      undo: () => on(HOST, "docker kill --signal CONT skriptoteket-web"),
      within: 60,
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 180_000);
});
