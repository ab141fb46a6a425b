import { LEASE } from "../../../execute/host-script.ts";
import type { App } from "../../../model/fleet.ts";
import { appKey } from "../../../observe/place.ts";
import { duration } from "../../../render/time.ts";
import { defineCheck } from "../../check.ts";
import type { Kept } from "../../facts/state.ts";
import { fail, pass, type Subject } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { since } from "../../watched.ts";

export const runIncomplete = defineCheck({
  id: "tend.run.incomplete",
  severity: "error",
  finds: "a run of tend's that began, never ended, and nobody is at",
  about:
    "A run that was cut off (a laptop that slept, a power cut) leaves its app between two states. Its plan is in the journal, so it can be finished or taken back. A run whose lock still shows life is under way.",
  remedy: "`tend resume APP` finishes it or takes it back; `tend journal APP RUN` shows how far it came.",
  fixClass: "plan",
  settle: 60,
  *judge({ state }, scene) {
    for (const kept of ofScene(scene, state.kept)) {
      const { unfinished, lock } = kept;
      const subject = subjectOfKept(scene, kept);
      if (!unfinished || (lock && lock.age <= LEASE)) {
        yield pass(subject);
        continue;
      }
      const lasting = since(unfinished.at, scene.now);
      yield fail(subject, {
        title: `"${unfinished.title}" began${lasting === undefined ? "" : ` ${duration(lasting)} ago`} and never ended`,
        evidence: [
          `run ${unfinished.run} by ${unfinished.by}, since ${unfinished.at}`,
          lock ? `its lock's last sign of life was ${duration(lock.age)} ago` : "nobody holds the lock",
        ],
        fix: {
          class: "plan",
          text: "finish it, or take it back",
          operation: `tend resume ${nameOf(scene, kept)}`,
        },
        lasting,
      });
    }
  },
});

export const lockDead = defineCheck({
  id: "tend.lock.dead",
  severity: "warning",
  finds: "a lock whose holder is dead",
  about: `Whoever works on an app gives a sign of life every second. A lock without one for ${LEASE} s holds nobody up: the next run takes it over. It says that something was cut off.`,
  remedy: "`tend unlock APP` takes it away; `tend resume APP` goes on with what it was for.",
  fixClass: "plan",
  follows: ["tend.run.incomplete"],
  *judge({ state }, scene) {
    for (const kept of ofScene(scene, state.kept)) {
      const subject = subjectOfKept(scene, kept);
      const { lock } = kept;
      if (!lock || lock.age <= LEASE) {
        yield pass(subject);
        continue;
      }
      yield fail(subject, {
        title: `the lock of ${kept.of} has been dead for ${duration(lock.age)}`,
        evidence: [
          lock.owner
            ? `${lock.owner.by}: ${lock.owner.title} (run ${lock.owner.run}, since ${lock.owner.since})`
            : "it says nothing of its holder",
        ],
        fix: {
          class: "plan",
          text: "take it away",
          operation: `tend unlock ${nameOf(scene, kept)}`,
        },
      });
    }
  },
});

/** What is kept of the apps that are asked about, and of the host itself. */
function ofScene(scene: Scene, all: readonly Kept[]): readonly Kept[] {
  return all.filter(({ of }) => of === `@${scene.host.name}` || scene.apps.some((app) => appKey(app) === of));
}

function subjectOfKept(scene: Scene, kept: Kept): Subject {
  return subjectOf(scene, appOf(scene, kept));
}

/** As it is named on the command line: the app, or `@hemma`. */
function nameOf(scene: Scene, kept: Kept): string {
  return appOf(scene, kept)?.name ?? kept.of;
}

function appOf({ apps }: Scene, { of }: Kept): App | undefined {
  return apps.find((app) => appKey(app) === of);
}
