import { choose, collect, nearest, readAbout } from "../../backup/collect.ts";
import { keptBytes } from "../../backup/read.ts";
import { incoming, type Source, verifyStep } from "../../backup/source.ts";
import { engineOf, seenBy } from "../../database/index.ts";
import { journalLine } from "../../journal/line.ts";
import { destinationText, type Subject } from "../../model/data.ts";
import { subjectName } from "../../model/names.ts";
import { appKey } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { apps, named, text, usage } from "../../params.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { bytes } from "../../render/bytes.ts";
import { sh } from "../../transport/argv.ts";

interface Drilled {
  readonly subject: Subject;
  readonly source: Source;
  readonly about: string;
  readonly seen: unknown;
}

export const drill = defineOperation({
  kind: "planned",
  name: "drill",
  summary: "Prove that the newest backup restores: into a scratch database, compared, removed",
  details: `The backup is read whole against its manifest, restored on the app's host beside what is live, every table counted
(PostgreSQL: hashed, too), every object of the schema compared; then the scratch database goes. Files are unpacked. The app isn't touched. How long it took is
what a restore would take, and status says when it was last proven.`,
  effect: "changes",
  params: {
    apps: apps(),
    backup: text("backup", "another backup than the newest good one"),
    database: named(subjectName, "name", "only this database or these files"),
  },
  examples: [{ command: "tend drill skriptoteket", explains: "worth doing every week" }],
  targets: (input) => {
    if (input.backup && input.apps.length > 1) throw usage("--backup goes with one app");
    return input.apps;
  },
  async facts(look, input) {
    const { place, transport } = look;
    const all: readonly Subject[] = [...place.app.databases, ...place.app.files];
    const collected = await collect(place, transport);
    const named = input.backup === undefined ? undefined : choose(place, collected, undefined, input.backup);
    const chosen = all.filter((subject) =>
      named ? subject.name === named.subject : !input.database || subject.name === input.database,
    );
    const drilled: Drilled[] = [];
    for (const subject of chosen) {
      const source = nearest(place, named ?? choose(place, collected, subject.name, undefined));
      drilled.push({ subject, source, about: await readAbout(place, source, transport), seen: await seenBy(look, subject) });
    }
    return { place, drilled };
  },
  draft(situation, context, _input, { place, drilled }) {
    const { app, host } = place;
    const keepers = situation.keepers(context.run);
    const folder = `${situation.facts.state}/runs/${context.run}`;
    const steps = drilled.flatMap(({ subject, source, about, seen }): readonly Step[] => {
      const engine = engineOf(subject);
      const inbound = incoming(place, source, about);
      engine.refuse(subject, seen, inbound);
      const event = { type: "drill", run: context.run, subject: subject.name, backup: source.manifest.name };
      const began = `${folder}/drill-${subject.name}`;
      return [
        {
          ...step(
            `begin-${subject.name}`,
            "note the time",
            "how long it takes is part of the proof",
            exec([sh`date +%s >${began}`]),
          ),
          effect: "reads",
        },
        verifyStep(place, source, subject, keepers),
        ...engine.drill(subject, seen, { keepers, folder, incoming: inbound }).steps,
        step(
          `proven-${subject.name}`,
          "write down that it restores",
          "status tells when it was last proven",
          exec([
            journalLine(`${situation.facts.state}/apps/${appKey(app)}`, event, [
              [',"seconds":%s', sh`"$(( $(date +%s) - $(cat ${began}) ))"`],
            ]),
          ]),
        ),
      ];
    });
    return {
      title: `drill ${drilled.map(({ subject }) => subject.name).join(", ")} of ${app.name} on ${host.name}`,
      summary: drilled.map(({ subject, source }) => ({
        label: subject.name,
        text: `${source.manifest.name}, ${bytes(keptBytes(source.manifest))}, from ${destinationText(source.from)}`,
      })),
      steps,
      undo: drilled.flatMap(
        ({ subject, seen, source, about }) =>
          engineOf(subject).drill(subject, seen, { keepers, folder, incoming: incoming(place, source, about) }).undo,
      ),
      watch: [],
      outcome: "restored beside what is live, compared, and removed again",
    };
  },
});

function step(id: string, title: string, because: string, action: Step["action"]): Step {
  return { id, title, because, effect: "changes", phase: "prepare", action };
}
