import { catalogue } from "../../../backup/catalogue.ts";
import { destinationText } from "../../../model/data.ts";
import { appKey } from "../../../observe/place.ts";
import { defineCheck } from "../../check.ts";
import type { DestinationSeen } from "../../facts/backups.ts";
import { fail, pass, skip } from "../../finding.ts";
import { keptOf, span } from "../../kept.ts";
import { subjectOf } from "../../scene.ts";

export const destination = defineCheck({
  id: "backup.destination",
  severity: "error",
  finds: "a folder for backups that can't be written, or that is gone with what was in it",
  about:
    "A backup drive that isn't mounted looks like an empty folder, or like none; one that was remounted after an error is read-only. The journal knows what should be there.",
  remedy: "Mount it, or set its owner. What was in it is not lost if the drive isn't.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const app of scene.apps) {
      const found = seen.backups?.find((one) => one.app === appKey(app));
      for (const place of found?.destinations ?? []) {
        const subject = subjectOf(scene, app, place.at);
        const recorded = found?.backups.filter(({ to }) => to.includes(place.at)) ?? [];
        // Older ones may have been pruned; the newest never is.
        const newest = recorded.at(-1)?.backup.name;
        const gone = newest !== undefined && place.kept.length === 0;
        const wrong = WRONG[place.state] ?? (gone ? "has none of the backups that were put there" : undefined);
        if (wrong === undefined) yield pass(subject);
        else {
          yield fail(subject, {
            title: `${place.at}, where ${app.name} is backed up to, ${place.state === "new" && gone ? "is gone" : wrong}`,
            evidence: [
              `${place.at} on ${scene.host.name}: ${STATES[place.state]}`,
              ...(newest ? [`the journal has ${recorded.length} backups there, the newest ${newest}`] : []),
            ],
            cause: gone || place.state === "lost" ? "a drive that isn't mounted, or a folder that was moved" : undefined,
            fix: {
              class: "person",
              text: `see what is mounted there: findmnt -T ${place.at}; ls -ld ${place.at}. It has to be a folder that tend's user can write`,
            },
            reaches: [subjectOf(scene, app)],
          });
        }
      }
    }
  },
});

const STATES: Readonly<Record<DestinationSeen["state"], string>> = {
  ready: "a folder that can be written",
  "read-only": "a folder that can't be written",
  new: "not there",
  lost: "not there, and it can't be made",
  "no-folder": "there, and no folder",
};
const WRONG: Readonly<Partial<Record<DestinationSeen["state"], string>>> = {
  "read-only": "can't be written",
  lost: "isn't there, and can't be made",
  "no-folder": "is no folder",
};

export const broken = defineCheck({
  id: "backup.broken",
  severity: "error",
  finds: "a newest backup that isn't whole where it is kept",
  about:
    "The newest backup of each subject is held against its manifest: every file is there, with the size that it had when it was read back. What is in the files is read by `tend backup verify`.",
  remedy: "`tend backup APP` takes another one; see why this one changed: a disk that was full, or somebody who cleaned up.",
  fixClass: "plan",
  follows: ["backup.destination"],
  *judge(seen, scene) {
    for (const { app, what, subject, seen: found } of keptOf(seen, scene)) {
      const entries = found.destinations.flatMap(({ at, kept }) => {
        const newest = kept.findLast(({ name }) => name.startsWith(`${appKey(app)}-${what.name}-2`));
        return newest ? catalogue(appKey(app), [{ at, listed: [newest] }]) : [];
      });
      const bad = entries.flatMap((entry) =>
        entry.copies.flatMap((copy) => (copy.state === "broken" ? [{ name: entry.name, ...copy }] : [])),
      );
      const [first] = bad;
      if (first) {
        yield fail(subject, {
          title: `the newest backup of ${what.name} of ${app.name} in ${first.at} isn't whole`,
          evidence: bad.map(({ name, at, reason }) => `${at}/${name}: ${reason}`),
          fix: { class: "plan", text: "take another one", operation: `tend backup ${app.name}` },
        });
      } else if (entries.length > 0) yield pass(subject);
    }
  },
});

const WEEK = 7 * 86_400;

export const offsite = defineCheck({
  id: "backup.offsite",
  severity: "warning",
  finds: "backups that lie on the host that they are of, and nowhere else",
  about:
    "A disk that dies, a house that burns or a stranger with the host's key takes the data and its backups together. It is mentioned in an app's first week, and a warning from then on.",
  remedy:
    "Add a second place to `backups: to`: `here:FOLDER` is the machine that tend runs on, `s3://BUCKET/PREFIX` is elsewhere.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const app of scene.apps) {
      const all = [...keptOf(seen, scene)].filter((kept) => kept.app === app);
      const [one] = all;
      const { to } = app.backups;
      if (!one || to.length === 0) continue;
      const subject = subjectOf(scene, app);
      if (all.every(({ backups }) => backups.length === 0)) yield skip(subject, "there is no backup yet");
      else if (to.some(({ kind }) => kind !== "host")) yield pass(subject);
      else {
        yield fail(subject, {
          severity: one.here < WEEK ? "info" : "warning",
          title: `all backups of ${app.name} are on ${scene.host.name} itself`,
          evidence: [`backups: to: ${to.map(destinationText).join(", ")}`, `${app.name} has been here for ${span(one.here)}`],
          fix: {
            class: "person",
            text: `add a second place in tend.yaml: backups: { to: [${to.map(destinationText).join(", ")}, here:~/backups] }`,
          },
        });
      }
    }
  },
});
