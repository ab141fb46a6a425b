import { type Destination, destinationText } from "../model/data.ts";
import { Failure } from "../model/failure.ts";
import type { SubjectName } from "../model/names.ts";
import { appKey } from "../observe/place.ts";
import type { Place } from "../runtime/runtime.ts";
import type { Transport } from "../transport/transport.ts";
import { type Answered, catalogue, type Entry, find, newestVerified } from "./catalogue.ts";
import { openStore } from "./destination/index.ts";
import { aboutFile, readWhole } from "./read.ts";
import type { Source } from "./source.ts";

/** All backups of an app, as the places that keep them say now, and what kept one of those from saying it. */
export interface Collected {
  readonly entries: readonly Entry[];
  readonly silent: readonly { readonly at: string; readonly failure: Failure }[];
}

/** Asks every destination of the app; one that can't be reached doesn't hide the others. */
export async function collect(place: Place, transport: Transport): Promise<Collected> {
  const asked = await Promise.all(place.app.backups.to.map((to) => ask(place, to, transport)));
  return {
    entries: catalogue(
      appKey(place.app),
      asked.flatMap((one) => ("listed" in one ? [one] : [])),
    ),
    silent: asked.flatMap((one) => ("failure" in one ? [one] : [])),
  };
}

async function ask(
  place: Place,
  to: Destination,
  transport: Transport,
): Promise<Answered | { readonly at: string; readonly failure: Failure }> {
  const at = destinationText(to);
  try {
    const store = await openStore(to, transport);
    try {
      return { at, listed: await store.list(appKey(place.app)) };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof Failure) return { at, failure: error };
    throw error;
  }
}

/** The backup that a person named, or the newest good one. Throws `backup.unknown` or `backup.broken`. */
export function choose(
  place: Place,
  { entries, silent }: Collected,
  subject: SubjectName | undefined,
  named: string | undefined,
): Entry {
  const { name: app } = place.app;
  const found = named === undefined ? undefined : find(entries, named);
  const entry =
    found?.kind === "one" ? found.entry : subject && named === undefined ? newestVerified(entries, subject) : undefined;
  if (!entry) {
    throw new Failure({
      id: "backup.unknown",
      exit: "refused",
      title:
        named === undefined
          ? `${app} has no backup of ${subject} yet`
          : `${app} has ${found?.kind === "several" ? "several backups" : "no backup"} "${named}"`,
      evidence: [
        ...entries
          .slice(-4)
          .reverse()
          .map((one) => one.name),
        ...silent.map(({ at, failure }) => `${at} didn't answer: ${failure.message}`),
      ].slice(0, 5),
      changed: "nothing",
      help: named === undefined ? `tend backup ${app}` : `tend backups ${app}`,
    });
  }
  if (entry.manifest) return entry;
  throw new Failure({
    id: "backup.broken",
    exit: "refused",
    title: `${entry.name} is not whole`,
    evidence: entry.copies.map((copy) => `${copy.at}: ${copy.state === "broken" ? copy.reason : "good"}`),
    changed: "nothing",
    help: `tend backups ${app}`,
  });
}

/** The copy that is nearest to where it is needed: on the host, here, elsewhere. */
export function nearest(place: Place, entry: Entry): Source {
  const order = ["host", "here", "s3"];
  const kept = [...place.app.backups.to].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  for (const from of kept) {
    const copy = entry.copies.find((one) => one.at === destinationText(from) && one.state === "good");
    if (copy?.state === "good") return { manifest: copy.manifest, from };
  }
  throw new TypeError(`${entry.name} has no good copy`);
}

/** The lines of its about.jsonl, opened and checked. */
export async function readAbout(place: Place, source: Source, transport: Transport): Promise<string> {
  const store = await openStore(source.from, transport);
  try {
    return (await readWhole(store, source.manifest, aboutFile(source.manifest), place.app.backups.identity)).toString("utf8");
  } finally {
    await store.close();
  }
}
