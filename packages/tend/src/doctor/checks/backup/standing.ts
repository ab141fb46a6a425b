import { bytes } from "../../../render/bytes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { type Kept, type KeptBackup, keptByApp, keptOf, namesOf, span, subjectOfSeveral } from "../../kept.ts";
import type { Scene } from "../../scene.ts";

const DAY = 86_400;

export const missing = defineCheck({
  id: "backup.missing",
  severity: "error",
  finds: "data that was never backed up",
  about:
    "Each declared database, and each of the declared files, needs at least one backup that lies where it is said to be. An app's first day is for setting it up: until then it is only mentioned.",
  remedy: "`tend backup APP` takes one and reads it back; have it done daily.",
  fixClass: "plan",
  needs: ["db.missing"],
  follows: ["backup.destination"],
  *judge(seen, scene) {
    for (const all of keptByApp(seen, scene)) {
      const [first, ...others] = all.filter(({ backups }) => backups.length === 0);
      for (const { subject, backups } of all) if (backups.length > 0) yield pass(subject);
      if (!first) continue;
      const lacking = [first, ...others] as const;
      const { app, seen: found, here } = first;
      const looked = found.destinations.map(({ at }) => at).join(" and ");
      yield fail(subjectOfSeveral(scene, lacking), {
        severity: here < DAY ? "info" : "error",
        title: `${namesOf(lacking)} of ${app.name} ${others.length > 0 ? "have" : "has"} no backup`,
        evidence: [
          looked ? `none in ${looked}, and none in the journal` : "none in the journal",
          `${app.name} has been here for ${span(here)}`,
        ],
        fix: app.backups.to[0]
          ? { class: "plan", text: "take one now", operation: `tend backup ${app.name}` }
          : { class: "person", text: `say where to: backups: { to: [~/backups] } of ${app.name} in tend.yaml` },
      });
    }
  },
});

export const stale = defineCheck({
  id: "backup.stale",
  severity: "error",
  finds: "data whose newest backup is too old",
  about:
    "The newest backup is looked for where it is kept, not in the log of what makes it: a job that ends well and leaves nothing is the usual way to lose everything. Too old is what `backups: stale` says; 26 hours when it says nothing.",
  remedy:
    "`tend backup APP`; then find out why nothing has done it: a timer that failed, a disk that is full, a credential that ran out.",
  fixClass: "plan",
  follows: ["backup.destination", "host.disk.space"],
  *judge(seen, scene) {
    for (const all of keptByApp(seen, scene)) {
      const [first, ...others] = all.filter((kept) => ageOf(kept, scene) > kept.app.backups.stale);
      for (const kept of all) if (ageOf(kept, scene) <= kept.app.backups.stale) yield pass(kept.subject);
      if (!first) continue;
      const old = [first, ...others] as const;
      const { app } = first;
      const age = Math.max(...old.map((kept) => ageOf(kept, scene)));
      yield fail(subjectOfSeveral(scene, old), {
        title: `the newest backup of ${namesOf(old)} of ${app.name} is ${span(age)} old`,
        evidence: [
          ...old
            .slice(0, 4)
            .flatMap(({ backups }) =>
              backups.at(-1) ? [`${backups.at(-1)?.name} in ${backups.at(-1)?.where.join(" and ")}`] : [],
            ),
          `at most ${span(app.backups.stale)} are declared`,
        ],
        fix: { class: "plan", text: "take one now, and find out why none was taken", operation: `tend backup ${app.name}` },
      });
    }
  },
});

/** Seconds since the newest backup was taken; where there is none, another check says so. */
function ageOf({ backups }: Kept, { now }: Scene): number {
  const newest = backups.at(-1);
  return newest ? (now.getTime() - newest.at) / 1000 : 0;
}

/** Less than this is no backup of anything. */
const FLOOR = 200;
const SMALL = 0.5;
const TINY = 0.1;
const COMPARED = 7;
const AT_LEAST = 3;
const ALIKE = 0.01;

export const size = defineCheck({
  id: "backup.size",
  severity: "error",
  finds: "a backup that is far smaller than those before it, or backups that don't grow with their database",
  about: `The newest backup is held against the median of the ${COMPARED} before it: a warning below ${SMALL * 100} %, an error below ${TINY * 100} % or below ${FLOOR} bytes. A warning, too, where those of a PostgreSQL database all have the same size within ${ALIKE * 100} %, and its rows have at least doubled meanwhile: so many that they would show with a byte each. Those that were taken right before a restore are left out.`,
  remedy:
    "Look at what is in it (`tend backups APP`, `tend drill APP`). If much was deleted on purpose it is right; else keep the older ones, and find out where the data went.",
  fixClass: "plan",
  follows: ["backup.broken", "backup.destination"],
  *judge(seen, scene) {
    for (const { app, what, subject, backups } of keptOf(seen, scene)) {
      const usual = backups.filter(({ reason }) => !reason.startsWith("pre-"));
      const newest = usual.at(-1);
      if (!newest) continue;
      const before = usual.slice(-1 - COMPARED, -1);
      const median = before.length < AT_LEAST ? 0 : medianOf(before);
      const share = median === 0 ? 1 : newest.bytes / median;
      const isSmall = newest.bytes < FLOOR || share < SMALL;
      // A SQLite file is copied with its free pages, which new rows may fill.
      const grown = isSmall || what.kind !== "postgres" ? undefined : grownBeside([...before, newest]);
      if (!isSmall && !grown) {
        yield pass(subject);
        continue;
      }
      const rowsOf = ({ rows }: KeptBackup) => (grown ? `, ${rows ?? "?"} rows` : "");
      yield fail(subject, {
        severity: newest.bytes < FLOOR || share < TINY ? "error" : "warning",
        title: grown
          ? `the backups of ${what.name} of ${app.name} stay at ${bytes(newest.bytes)}, while its rows have grown from ${grown.from} to ${grown.to}`
          : `the newest backup of ${what.name} of ${app.name} has ${bytes(newest.bytes)}${median > 0 ? `, and ${bytes(median)} is usual` : ""}`,
        evidence: usual.slice(-5).map((one) => `${one.name}: ${bytes(one.bytes)}${rowsOf(one)}`),
        cause: grown && "what is new may not be in them",
        fix: {
          class: "plan",
          text: "restore it into a scratch database, and compare; keep the older ones until then",
          operation: `tend drill ${app.name} --database ${what.name}`,
        },
      });
    }
  },
});

/** Oldest first: what the rows grew from and to, where the sizes should tell of it and don't. A row takes a byte at the least. */
function grownBeside(backups: readonly KeptBackup[]): { readonly from: number; readonly to: number } | undefined {
  const told = backups.flatMap((one) => (one.rows === undefined ? [] : [{ ...one, rows: one.rows }]));
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last || told.length <= AT_LEAST) return undefined;
  const sizes = told.map((one) => one.bytes);
  const isAlike = Math.max(...sizes) <= Math.min(...sizes) * (1 + ALIKE);
  const added = last.rows - first.rows;
  return isAlike && added >= first.rows && added > 2 * ALIKE * last.bytes ? { from: first.rows, to: last.rows } : undefined;
}

function medianOf(backups: readonly KeptBackup[]): number {
  const sizes = backups.map((one) => one.bytes).sort((one, other) => one - other);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}

const PROVEN = 30 * DAY;

export const unproven = defineCheck({
  id: "backup.restore.unproven",
  severity: "warning",
  finds: "backups of which none was restored to try it",
  about:
    "That a backup can be read is not yet that it can be restored. A drill restores the newest one into a scratch database and holds every table against what the backup says of itself; it is due every 30 days, and mentioned until then.",
  remedy: "`tend drill APP`: it touches nothing that is live.",
  fixClass: "plan",
  follows: ["backup.destination"],
  *judge(seen, scene) {
    for (const all of keptByApp(seen, scene)) {
      const proven = ({ subject, what, seen: { drills } }: Kept) => {
        const last = drills.findLast((drill) => drill.subject === what.name);
        return { subject, last, since: last ? (scene.now.getTime() - Date.parse(last.at)) / 1000 : undefined };
      };
      const due = all.filter((kept) => kept.backups.length > 0 && (proven(kept).since ?? PROVEN) >= PROVEN);
      for (const kept of all) if (kept.backups.length > 0 && !due.includes(kept)) yield pass(kept.subject);
      const [first, ...others] = due;
      if (!first) continue;
      const { app, here } = first;
      const names = namesOf(due);
      const { last, since } = proven(first);
      yield fail(subjectOfSeveral(scene, [first, ...others]), {
        severity: here < PROVEN ? "info" : "warning",
        title:
          since === undefined
            ? `no backup of ${names} of ${app.name} was ever restored to try it`
            : `the last trial restore of ${names} of ${app.name} was ${span(since)} ago`,
        evidence: [
          last ? `${last.backup} at ${last.at.slice(0, 19)}Z` : "no drill in the journal",
          `${app.name} has been here for ${span(here)}`,
        ],
        fix: { class: "plan", text: "try the newest one; nothing live is touched", operation: `tend drill ${app.name}` },
      });
    }
  },
});
