import { collect } from "../../backup/collect.ts";
import { prune as judge } from "../../backup/retention.ts";
import { destinationText } from "../../model/data.ts";
import { appKey } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { apps } from "../../params.ts";
import type { Step } from "../../plan/plan.ts";
import type { AppFacts } from "../../runtime/runtime.ts";

export const prune = defineOperation({
  kind: "planned",
  name: "prune",
  summary: "Remove the backups that the declared retention doesn't keep any more",
  details: `By default all are kept. Whatever is declared, it never removes the newest good backup of a database, one that a
release needs to go back with its data, one that is broken (a person decides about it), or another app's.`,
  effect: "destroys",
  params: { apps: apps() },
  examples: [
    { command: "tend prune skriptoteket --dry-run", explains: "which would go, and why the others stay" },
    { command: "tend prune skriptoteket", explains: "after a backup, in a timer" },
  ],
  targets: (input) => input.apps,
  facts: async ({ place, transport }) => ({ place, collected: await collect(place, transport) }),
  draft(situation, context, _input, { place, collected }) {
    const { app, host } = place;
    const needed = neededBackups(situation.facts);
    const { forget, keep } = judge(collected.entries, app.backups.keep, needed, context.now);
    const steps = app.backups.to.flatMap((from, at): readonly Step[] => {
      const there = forget.filter(({ name }) =>
        collected.entries.some((entry) => entry.name === name && entry.copies.some((copy) => copy.at === destinationText(from))),
      );
      if (there.length === 0) return [];
      return [
        {
          id: `forget-${at + 1}`,
          title: `remove ${there.length} ${there.length === 1 ? "backup" : "backups"} from ${destinationText(from)}`,
          because: "the retention has no slot for them",
          effect: "destroys",
          phase: "finish",
          action: { kind: "forget", from, app: appKey(app), backups: there.map(({ name }) => name) },
        },
      ];
    });
    return {
      title: `prune the backups of ${app.name} on ${host.name}`,
      summary: [
        ...forget.map(({ name, because }) => ({ label: "remove", text: `${name}: ${because}` })),
        { label: "keep", text: `${keep.length}` },
      ],
      steps,
      undo: [],
      watch: [],
      nothing: steps.length > 0 ? undefined : `all ${keep.length} backups are kept`,
      outcome: `${forget.length} removed, ${keep.length} kept`,
    };
  },
});

/** What leads back: from each release to the data before it, and from where things stand to how they were. */
function neededBackups({ releases, backups }: AppFacts): ReadonlySet<string> {
  const live = releases.at(-1)?.release;
  const since = backups.filter(({ backup }) => backup.release === live && /^(migrate|pre-)/.test(backup.reason));
  return new Set([
    ...releases.flatMap((release) => Object.values(release.backups ?? {})),
    ...since.map(({ backup }) => backup.name),
  ]);
}
