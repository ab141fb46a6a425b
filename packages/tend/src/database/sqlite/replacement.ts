import { payloadFile } from "../../backup/read.ts";
import type { SqliteDatabase } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import type { Script } from "../../transport/argv.ts";
import { besideStep, comparison } from "../comparison.ts";
import type { Drilling, Engine, Incoming, Replacement, Replacing } from "../engine.ts";
import { discard } from "./discard.ts";
import type { SqliteFacts } from "./facts.ts";
import { place } from "./place.ts";
import { placeEmpty } from "./place-empty.ts";
import { type SqliteSite, suffix } from "./site.ts";
import { swapBack, swapIn } from "./swap.ts";
import { inspect } from "./take.ts";

export function refuse(database: SqliteDatabase, facts: SqliteFacts, { manifest }: Incoming): void {
  const stored = manifest.files[payloadFile(manifest)];
  const needed = (stored?.clear ?? stored)?.bytes ?? 0;
  const tight = facts.free !== undefined && facts.free < needed * 1.1 + 1024 * 1024;
  if (!facts.trouble && !tight) return;
  throw new Failure({
    id: facts.trouble ? "database.unreachable" : "disk.full",
    exit: "refused",
    title: facts.trouble
      ? `files beside ${database.path} can't be made`
      : `there is no room for a second copy of ${database.path}`,
    evidence: facts.trouble ? [facts.trouble] : [`it takes ${needed} bytes, ${facts.free} are free`],
    changed: "nothing",
  });
}

/** A file beside the live one, compared with the backup; then, with the app stopped, the two exchange their names. */
export function replace(database: SqliteDatabase, facts: SqliteFacts, input: Replacing): Replacement {
  const { keepers, incoming } = input;
  if (input.empty) return putAside(database, keepers.run, keepers);
  // What an earlier restore left bears that restore's run in its name, and tells which way the exchange goes.
  const [, left, run = keepers.run] = /\.(before|tend)-(r[a-z0-9]+)$/.exec(input.former ?? "") ?? [];
  const site = { database, ...keepers, run };
  const back = left === "before";
  const [there, again] = back ? [swapBack(site), swapIn(site)] : [swapIn(site), swapBack(site)];
  return {
    former: `${database.path}${suffix(back ? "placed" : "before", run)}`,
    prepare: incoming ? besideLive(site, facts, { ...input, incoming }) : [],
    swap: [swapStep(database, there)],
    finish: [],
    undo: [
      { of: `swap-${database.name}`, title: "the files as they were", action: exec([again]) },
      ...(incoming
        ? [{ of: `place-${database.name}`, title: "remove the restored file", action: exec([discard(site, "placed")]) }]
        : []),
    ],
    renew: false,
  };
}

function swapStep(database: SqliteDatabase, script: Script): Step {
  return {
    id: `swap-${database.name}`,
    title: "exchange the two files",
    because: "with their logs; there is no moment without the database",
    effect: "changes",
    phase: "switch",
    action: exec([script]),
    fails: { id: "restore.swap", title: `${database.path} could not be exchanged` },
  };
}

/** The live file gets out of the way; the app makes a new one when it starts. */
function putAside(database: SqliteDatabase, run: string, keepers: Replacing["keepers"]): Replacement {
  const site = { database, ...keepers, run };
  const empty: Step = {
    id: `place-${database.name}`,
    title: "an empty file beside the live one",
    because: "the live one stays until the app is stopped",
    effect: "changes",
    phase: "prepare",
    action: exec([placeEmpty(site)]),
  };
  return {
    former: `${database.path}${suffix("before", run)}`,
    prepare: [empty],
    swap: [swapStep(database, swapIn(site))],
    finish: [],
    undo: [{ of: `swap-${database.name}`, title: "the files as they were", action: exec([swapBack(site)]) }],
    renew: false,
  };
}

function besideLive(site: SqliteSite, facts: SqliteFacts, input: Drilling): readonly Step[] {
  const { database } = site;
  const { manifest, bring } = input.incoming;
  const payload = payloadFile(manifest);
  const stored = manifest.files[payload];
  const placed = besideStep("place", database, {
    title: "put the backup beside the live file",
    because: "the live one stays as it is until the app is stopped",
    effect: "changes",
    action: bring(payload, place(site, stored?.clear ?? stored ?? { bytes: 0, sha256: "" })),
    fails: {
      id: "restore.failed",
      title: `${manifest.name} could not be put beside ${database.path}`,
      why: "nothing was done to the live one",
    },
  });
  // Where nothing can open it, its sum is the proof: the file that was placed is the very one that was backed up.
  if (facts.tool === undefined || manifest.tables === undefined) return [placed];
  const { told, compared } = comparison(database, input, inspect(site, "placed"));
  return [told, placed, compared];
}

/** All of a restore but the exchange. */
export function drill(database: SqliteDatabase, facts: SqliteFacts, input: Drilling): ReturnType<Engine["drill"]> {
  const site = { database, ...input.keepers };
  const action = exec([discard(site, "placed")]);
  const title = "remove the scratch file";
  return {
    steps: [
      ...besideLive(site, facts, input),
      { id: `drop-${database.name}`, title, because: "it has served its purpose", effect: "changes", phase: "prepare", action },
    ],
    undo: [{ of: `place-${database.name}`, title, action }],
  };
}
