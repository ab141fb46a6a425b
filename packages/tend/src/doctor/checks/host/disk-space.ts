import { bytes } from "../../../render/bytes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

const WARNING = 80;
const ERROR = 90;
/** What can't write any more fails because of it; before that, for reasons of its own. */
const FULL = 99;

export const diskSpace = defineCheck({
  id: "host.disk.space",
  severity: "error",
  finds: "a filesystem that is nearly full, of space or of inodes",
  about: `Databases stop, builds fail and backups are cut off when a disk is full. The filesystems of the root, of Docker's data, of the apps' folders and of tend's state are looked at: a warning from ${WARNING} %, an error from ${ERROR} %.`,
  remedy:
    "`tend host disk` shows what fills it, `tend host prune` removes superseded images and the build cache; it never touches volumes.",
  fixClass: "plan",
  *judge({ filesystems }, scene) {
    for (const { mount, holds, free, bytes: all, usedPercent, inodesUsedPercent } of filesystems) {
      const subject = subjectOf(scene, `disk:${mount}`);
      const worst = Math.max(usedPercent, inodesUsedPercent ?? 0);
      if (worst < WARNING) {
        yield pass(subject);
        continue;
      }
      const inodes = (inodesUsedPercent ?? 0) > usedPercent;
      yield fail(subject, {
        severity: worst >= ERROR ? "error" : "warning",
        title: inodes ? `${mount} has used ${worst} % of its inodes` : `${mount} is ${worst} % full`,
        evidence: [
          `${bytes(free)} of ${bytes(all)} are free${inodesUsedPercent === undefined ? "" : `, ${inodesUsedPercent} % of the inodes are used`}`,
          `it holds ${holds.join(", ")}`,
        ],
        fix: {
          class: "plan",
          text: "see what fills it, and remove what is superseded; volumes are never touched",
          operation: `tend host disk ${scene.host.name}`,
        },
        reaches: worst >= FULL ? [subjectOf(scene)] : [],
      });
    }
  },
});
