import type { ReleaseEvent } from "../../journal/events.ts";
import { historyProbe, stateOf } from "../../journal/releases.ts";
import { observe } from "../../observe/observe.ts";
import { appKey, prelude, stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { app, count } from "../../params.ts";
import { gapText } from "../../render/gap.ts";
import { table } from "../../render/table.ts";
import { ago } from "../../render/time.ts";
import { madeOf } from "./made-of.ts";

export const releases = defineOperation({
  kind: "report",
  name: "releases",
  summary: "List an app's releases, the newest first",
  effect: "reads",
  params: { app: app(), last: count("number", "how many; 20 when it isn't said", "n") },
  examples: [
    { command: "tend releases skriptoteket", explains: "what can be rolled back to, and what each release cost its users" },
  ],
  async report(session, input) {
    const place = await session.place(input.app);
    const transport = await session.transport(place.host);
    const { history } = await observe(transport, prelude(place.host), {
      history: historyProbe(stateFolder(place.host), appKey(place.app)),
    });
    const shown = history.releases.slice(-(input.last ?? 20)).reverse();
    return {
      data: { app: place.app.name, host: place.host.name, releases: shown },
      lines: shown.length === 0 ? [`${place.app.name} has no releases yet: tend deploy ${place.app.name}`] : rows(shown),
    };
  },
});

function rows(shown: readonly ReleaseEvent[]): readonly string[] {
  return table(
    ["release", "when", "what", "code or images", "by", "users saw"],
    shown.map((release, at) => [
      `${release.release}${at === 0 ? " live" : ""}`,
      ago(release.at),
      release.operation === "rollback" ? `rollback to ${stateOf(release)}` : release.operation,
      madeOf(release),
      release.by,
      release.gap ? gapText(release.gap) : "not measured",
    ]),
  );
}
