import { collect, nearest, readAbout } from "../../backup/collect.ts";
import { seenBy } from "../../database/index.ts";
import type { ReleaseEvent } from "../../journal/events.ts";
import { liveRelease, previousRelease, stateOf } from "../../journal/releases.ts";
import { Failure } from "../../model/failure.ts";
import { appKey } from "../../observe/place.ts";
import { defineOperation, type Look } from "../../operation.ts";
import { app, count, flag, usage } from "../../params.ts";
import { restoreParts } from "../../restore/plan.ts";
import type { AppFacts } from "../../runtime/runtime.ts";
import { madeOf } from "./made-of.ts";

export const rollback = defineOperation({
  kind: "planned",
  name: "rollback",
  summary: "Bring an older release back: code, images, compose files and env file",
  details: `Without --to, it is the state before the one that is live. The last five releases' images are kept on the
host, so no registry needs to answer. Data stays as it is, where its schema is the one that the release was live with;
otherwise it is refused, unless --with-data brings the database back too, from the newest backup that was taken while that
release was live, or --keep-data says that the older code can live with it.`,
  effect: "changes",
  asks: "the app's, with --with-data",
  params: {
    app: app(),
    to: count("release", "the number of the release, as tend releases lists it"),
    withData: flag("the databases go back too, to the newest backup of that release"),
    keepData: flag("the data stays, even if its schema isn't the release's"),
  },
  examples: [
    { command: "tend rollback skriptoteket", explains: "the state before the one that is live" },
    { command: "tend rollback skriptoteket --to 41", explains: "release 41" },
    {
      command: "tend rollback skriptoteket --to 41 --with-data",
      explains: "release 41 and its data; today's data is backed up and kept",
    },
  ],
  targets: (input) => {
    if (input.withData && input.keepData) throw usage("--with-data and --keep-data exclude each other");
    return [input.app];
  },
  facts: (look, input) => (input.withData ? olderData(look, input.to) : Promise.resolve(undefined)),
  draft(situation, context, input, data) {
    const to = wantedRelease(situation.facts, input.app, input.to);
    if (!data) return situation.rollback(context, to, { kind: input.keepData ? "stays" : "checked" });
    const parts = data.restores.map((one) => restoreParts(data.place, situation, context, one));
    const from = data.restores.map(({ source }) => source.manifest.name);
    const draft = situation.rollback(context, to, { kind: "restored", from, parts });
    const stakes = {
      text: `This replaces the data of ${input.app} by what it was with release ${to.release}.`,
      name: appKey(data.place.app),
    };
    return { ...draft, stakes };
  },
});

/** The newest good backup of each database that was taken while the release was live. */
async function olderData(look: Look, number: number | undefined) {
  const { place, transport, situation } = look;
  const { app } = place;
  const to = wantedRelease(situation.facts, app.name, number);
  const { entries } = await collect(place, transport);
  const restores = await Promise.all(
    app.databases.map(async (subject) => {
      // The same code may have been live with newer data for a while (--keep-data): that isn't this release's.
      const schema = to.schemas?.[subject.name];
      const alike = situation.facts.releases
        .filter((release) => stateOf(release) === stateOf(to) && release.schemas?.[subject.name] === schema)
        .map(({ release }) => release);
      const entry = entries.findLast(
        ({ manifest }) =>
          manifest?.subject === subject.name && manifest.release !== undefined && alike.includes(manifest.release),
      );
      if (!entry) throw noBackup(app.name, subject.name, to.release);
      const source = nearest(place, entry);
      return { subject, source, about: await readAbout(place, source, transport), facts: await seenBy(look, subject) };
    }),
  );
  return { place, restores };
}

function noBackup(app: string, subject: string, release: number): Failure {
  return new Failure({
    id: "rollback.no-backup",
    exit: "refused",
    title: `no backup of ${subject} was taken while release ${release} was live`,
    changed: "nothing",
    help: `tend backups ${app} shows what there is; tend restore ${app} BACKUP brings the data alone back`,
  });
}

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
