import type { ReleaseEvent } from "../../journal/events.ts";
import { liveRelease, previousRelease } from "../../journal/releases.ts";
import { Failure } from "../../model/failure.ts";
import { defineOperation } from "../../operation.ts";
import { app, count } from "../../params.ts";
import type { AppFacts } from "../../runtime/runtime.ts";
import { madeOf } from "./made-of.ts";

export const rollback = defineOperation({
  kind: "planned",
  name: "rollback",
  summary: "Bring an older release back: code, images, compose files and env file",
  details: `Without --to, it is the state before the one that is live. The last five releases' images are kept on the
host, so no registry needs to answer. Data stays as it is.`,
  effect: "changes",
  params: { app: app(), to: count("release", "the number of the release, as tend releases lists it") },
  examples: [
    { command: "tend rollback skriptoteket", explains: "the state before the one that is live" },
    { command: "tend rollback skriptoteket --to 41", explains: "release 41" },
  ],
  targets: (input) => [input.app],
  draft: (situation, context, input) => situation.rollback(context, wantedRelease(situation.facts, input.app, input.to)),
});

function wantedRelease(facts: AppFacts, app: string, number: number | undefined): ReleaseEvent {
  const { releases } = facts;
  const found = number === undefined ? previousRelease(releases) : releases.find((release) => release.release === number);
  if (found && found !== liveRelease(facts)) return found;
  const live = liveRelease(facts);
  const others = releases.filter((release) => release !== live);
  throw new Failure({
    id: "release.unknown",
    exit: "refused",
    title: found
      ? `release ${number} is the one that is live`
      : number === undefined
        ? `${app} has no release before the one that is live`
        : `${app} has no release ${number}`,
    evidence: others
      .slice(-5)
      .reverse()
      .map(
        (release) => `${release.release}  ${release.at.slice(0, 16).replace("T", " ")}  ${release.operation}  ${madeOf(release)}`,
      ),
    changed: "nothing",
    help: `tend releases ${app}`,
  });
}
