import type { ReleaseEvent } from "../../journal/events.ts";
import { fold, parseEvents } from "../../journal/releases.ts";
import { appKey, stateFolder } from "../../observe/place.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

/** The newest releases of each app, oldest first, as tend's own journal has them. */
export const releases = hostPart<Readonly<Record<string, readonly ReleaseEvent[]>>>({
  script: ({ apps, host }) => {
    return sh`releases() { echo "app $1"; grep '"type":"release"' ${stateFolder(host)}/apps/"$2"/journal.jsonl 2>/dev/null | tail -n 10; }
${apps.reduce(
  (all, app) => sh`${all}releases ${app.name} ${appKey(app)}
`,
  sh``,
)}:`;
  },
  read: ({ stdout }) =>
    Object.fromEntries(
      stdout
        .split(/^app /m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf("\n")), fold(parseEvents(text)).releases]),
    ),
});
