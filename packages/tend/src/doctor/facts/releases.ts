import type { ReleaseEvent } from "../../journal/events.ts";
import { fold, parseEvents } from "../../journal/releases.ts";
import { appKey, stateFolder } from "../../observe/place.ts";
import { lines, sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

/** By the app's name, oldest first. */
export type ReleasesSeen = Readonly<Record<string, readonly ReleaseEvent[]>>;

/** The newest releases of each app, as tend's own journal has them. */
export const releases = hostPart<ReleasesSeen>({
  script: ({
    apps,
    host,
  }) => sh`releases() { echo "app $1"; grep '"type":"release"' ${stateFolder(host)}/apps/"$2"/journal.jsonl 2>/dev/null | tail -n 10; }
${lines(apps.map((app) => sh`releases ${app.name} ${appKey(app)}`))}
:`,
  read: ({ stdout }) =>
    Object.fromEntries(
      stdout
        .split(/^app /m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf("\n")), fold(parseEvents(text)).releases]),
    ),
});
