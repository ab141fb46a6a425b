import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { doctor, type Found } from "../lab/doctor.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { type Legal, legal } from "../lab/legal.ts";
import { type Quartermaster, quartermaster } from "../lab/quartermaster.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const RUNS = 20;

const ill = (findings: readonly Found[]) => findings.filter((one) => one.severity !== "info");

describe("a healthy host is called healthy, every time:", () => {
  it("skriptoteket's", async () => {
    const app = await running(HOST, "nginx-proxy");
    try {
      for (const verb of ["deploy", "backup"]) expect((await app.workshop.tend(verb, "skriptoteket")).exit).toBe(0);
      await stays(app);
    } finally {
      await app.close();
    }
  }, 300_000);

  it("legal's", async () => {
    await freshHost(HOST);
    const app: Legal = await legal(HOST);
    try {
      expect((await app.workshop.tend("deploy", "legal")).exit).toBe(0);
      await app.startProxy();
      await eventually(() => app.versions(), { backend: "1", frontend: "1" });
      expect((await app.workshop.tend("backup", "legal")).exit).toBe(0);
      await stays(app);
    } finally {
      await app.close();
    }
  }, 300_000);

  it("quartermaster's", async () => {
    await freshHost(HOST);
    const app: Quartermaster = await quartermaster(HOST);
    try {
      await app.publish("1");
      expect((await app.workshop.tend("deploy", "quartermaster", "--tag", "1")).exit).toBe(0);
      expect((await app.workshop.tend("backup", "quartermaster")).exit).toBe(0);
      await stays(app);
    } finally {
      await app.close();
    }
  }, 300_000);

  /** From some seconds after the deploy on: until then a proxy may still be at it. */
  async function stays(app: { readonly workshop: Skriptoteket["workshop"] }): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    for (let at = 0; at < RUNS; at += 1) {
      const seen = await doctor(app.workshop);
      expect(ill(seen.findings), `run ${at + 1}: ${JSON.stringify(seen, undefined, 1)}`).toEqual([]);
      expect([seen.exit, seen.crashed]).toEqual([0, []]);
    }
  }
});

describe("of several faults at once every root is named, and nothing else:", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    for (const verb of ["deploy", "backup"]) expect((await app.workshop.tend(verb, "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  const network = {
    id: "proxy.network",
    inject:
      "docker network disconnect edge-network skriptoteket-web; docker network create other >/dev/null; docker network connect other skriptoteket-web",
    undo: "docker network disconnect other skriptoteket-web; docker network rm other; docker network connect --alias skriptoteket-web --alias web edge-network skriptoteket-web",
  };
  const secret = {
    id: "secret.mode",
    inject: "chmod 755 ~ && chmod 644 ~/apps/skriptoteket/.env",
    undo: "chmod 700 ~",
  };
  const database = { id: "db.down", inject: "docker stop shared-postgres", undo: "docker start shared-postgres" };
  const run = {
    id: "tend.run.incomplete",
    inject: openRun(),
    undo: "rm -rf ~/.local/state/tend/runs/rzzzz1; sed -i '/rzzzz1/d' ~/.local/state/tend/apps/skriptoteket/journal.jsonl",
  };

  it.each([
    [secret, network],
    [secret, database],
    [run, network],
    [secret, run, database],
    [secret, network, run],
  ])(
    "%#",
    async (...faults) => {
      for (const { inject } of faults) await on(HOST, `{ ${inject}; } >/dev/null 2>&1; true`);
      try {
        await eventually(
          async () => {
            const { findings } = await doctor(app.workshop);
            return [...new Set(ill(findings).map((one) => one.id))].sort();
          },
          faults.map((fault) => fault.id).sort(),
          60_000,
        );
      } finally {
        for (const { undo } of faults) await on(HOST, `{ ${undo}; } >/dev/null 2>&1; true`);
      }
      await eventually(async () => ill((await doctor(app.workshop)).findings).map((one) => one.id), [], 60_000);
    },
    240_000,
  );
});

/** A run whose tend died in it, as its journal has it. */
function openRun(): string {
  const line = {
    v: 1,
    at: "2026-01-01T00:00:00.000Z",
    type: "run.start",
    run: "rzzzz1",
    operation: "deploy",
    app: "skriptoteket",
    title: "deploy skriptoteket on hemma",
    by: "anna@laptop",
  };
  return `printf '%s\\n' '${JSON.stringify(line)}' >>~/.local/state/tend/apps/skriptoteket/journal.jsonl`;
}
