import type { Entry } from "../../backup/catalogue.ts";
import { type Collected, collect } from "../../backup/collect.ts";
import { keptBytes } from "../../backup/read.ts";
import { historyProbe } from "../../journal/releases.ts";
import { observe } from "../../observe/observe.ts";
import { appKey, prelude, stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { app, subjects } from "../../params.ts";
import { bytes } from "../../render/bytes.ts";
import { table } from "../../render/table.ts";
import { ago } from "../../render/time.ts";

export const backups = defineOperation({
  kind: "report",
  name: "backups",
  summary: "List an app's backups, as the places that keep them say",
  details: `The list is made of what lies there, and of nothing else: a backup whose manifest or files are missing, cut off or
changed is shown as broken, with the reason. It doesn't read the files themselves; tend backup verify does. Exits 7 when a
place can't be reached.`,
  effect: "reads",
  params: { app: app(), only: subjects("only of these databases and files") },
  examples: [{ command: "tend backups skriptoteket", explains: "the newest first, and which of them was proven by a drill" }],
  async report(session, input) {
    const place = await session.place(input.app);
    const transport = await session.transport(place.host);
    const { history } = await observe(transport, prelude(place.host), {
      history: historyProbe(stateFolder(place.host), appKey(place.app)),
    });
    const { entries, silent } = await collect(place, transport);
    const shown = entries
      .filter((entry) => input.only.length === 0 || input.only.some((name) => name === entry.subject))
      .reverse();
    const proven = new Map(history.drills.map((drill) => [drill.backup, drill]));
    return {
      data: {
        app: place.app.name,
        host: place.host.name,
        backups: shown.map((entry) => ({ ...entry, proven: proven.get(entry.name) })),
        unreachable: silent.map(({ at, failure }) => ({ at, id: failure.id, title: failure.message })),
      },
      lines: [
        ...(shown.length === 0 ? [`${place.app.name} has no backups yet: tend backup ${place.app.name}`] : rows(shown, proven)),
        ...notes(shown, silent),
      ],
      exit: silent.length > 0 ? 7 : 0,
    };
  },
});

function rows(
  shown: readonly Entry[],
  proven: ReadonlyMap<string, { readonly at: string; readonly seconds: number }>,
): readonly string[] {
  return table(
    ["backup", "when", "size", "rows", "release", "head", "kept in", "state"],
    shown.map((entry) => {
      const { manifest } = entry;
      const drill = proven.get(entry.name);
      const broken = entry.copies.filter((copy) => copy.state === "broken").length;
      const state = !manifest ? "BROKEN" : broken > 0 ? `${broken} of ${entry.copies.length} copies BROKEN` : "read back";
      return [
        entry.name,
        ago(entry.at),
        manifest ? bytes(keptBytes(manifest)) : "",
        manifest?.rows === undefined ? "" : String(manifest.rows),
        manifest?.release === undefined ? "" : String(manifest.release),
        manifest?.head ?? "",
        entry.copies.map((copy) => copy.at).join(", "),
        drill ? `${state}, proven ${ago(drill.at)} ago` : state,
      ];
    }),
  );
}

function notes(shown: readonly Entry[], silent: Collected["silent"]): readonly string[] {
  return [
    ...shown.flatMap((entry) =>
      entry.copies.flatMap((copy) => (copy.state === "broken" ? [`✖ ${entry.name} in ${copy.at}: ${copy.reason}`] : [])),
    ),
    ...silent.map(({ at, failure }) => `✖ ${at} can't be asked: ${failure.parts.evidence?.[0] ?? failure.message}`),
  ];
}
