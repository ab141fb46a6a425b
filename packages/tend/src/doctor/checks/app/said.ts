import { firstErrors } from "../../../execute/evidence.ts";
import { appKey } from "../../../observe/place.ts";
import type { Check } from "../../check.ts";
import type { Seen } from "../../facts/index.ts";
import type { LogLine, Sign } from "../../facts/logs.ts";
import { type Failing, fail, pass, type Severity } from "../../finding.ts";
import { linesOf } from "../../logged.ts";
import { apps, isUp, type Owned } from "../../owner.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { isUnderWay } from "../../under-way.ts";

/** What a service says in its log, with what is known of it. */
export interface Said extends Owned {
  readonly lines: readonly LogLine[];
  /** It has come through its start. */
  readonly up: boolean;
}

/** Of every declared service whose log can be read. */
export function* saidOf(seen: Seen, scene: Scene, sign: Sign): Iterable<Said> {
  for (const owned of apps(scene, seen.containers)) {
    const log = seen.logs?.find(({ container }) => container === owned.container.name);
    if (log && log.unreadable === undefined) {
      yield { ...owned, lines: linesOf(seen, owned.container, sign), up: isUp(owned.container, scene) };
    }
  }
}

/** A line as a person reads it: of a structured one, what it says. */
export function plain(text: string): string {
  return firstErrors(text)[0] ?? text;
}

export interface Telling {
  /** What a line has to match, and what it names. */
  readonly pattern: RegExp;
  /** Of a service that has come through its start: undefined says nothing then. */
  readonly whenUp?: Severity;
  /** Of a command of the app's, which tend ran and which failed. */
  readonly ofCommand: Severity;
  tell(name: string, who: { readonly app: string; readonly service?: string }): Pick<Failing, "title" | "cause" | "fix">;
}

/**
 * Judges what keeps a service from starting, and a command of the app's from running: told by the first line of the log,
 * or of the command's output, that names it.
 */
export function judgeStart(sign: Sign, { pattern, whenUp, ofCommand, tell }: Telling): Check["judge"] {
  return function* (seen, scene) {
    for (const { app, service, subject, lines, up } of saidOf(seen, scene, sign)) {
      const found = lines.flatMap(({ text }) => {
        const match = pattern.exec(plain(text)) ?? pattern.exec(text);
        return match ? [{ text: plain(text), name: nameIn(match) }] : [];
      });
      const [first] = found;
      const severity = up ? whenUp : "error";
      if (!first || severity === undefined) yield pass(subject);
      else {
        yield fail(subject, {
          ...tell(first.name, { app: app.name, service: service.name }),
          severity,
          evidence: [...new Set(found.map(({ text }) => text))].slice(0, 4),
        });
      }
    }
    for (const app of scene.apps) {
      const asked = seen.migrations?.find((one) => one.app === appKey(app));
      // Between the migration and the switch of a deploy, the database is ahead of the code.
      if (!asked || asked.exit === 0 || isUnderWay(seen, app)) continue;
      const output = [...asked.stderr, ...asked.stdout];
      const line = output.find((one) => pattern.test(one));
      const match = line === undefined ? undefined : pattern.exec(line);
      if (!match) continue;
      const argv = app.migrate?.[asked.asked]?.join(" ");
      yield fail(subjectOf(scene, app), {
        ...tell(nameIn(match), { app: app.name }),
        severity: ofCommand,
        evidence: [`in ${asked.container}: ${argv} ended with ${asked.exit}`, line as string],
      });
    }
  };
}

function nameIn(match: RegExpExecArray): string {
  return match.slice(1).find((group) => group !== undefined) ?? match[0];
}
