import type { Subject, SubjectKind } from "../model/data.ts";
import { observe } from "../observe/observe.ts";
import { prelude } from "../observe/place.ts";
import type { Look } from "../operation.ts";
import type { Engine } from "./engine.ts";
import { files } from "./files/index.ts";
import { postgres } from "./postgres/index.ts";
import { sqlite } from "./sqlite/engine.ts";

/** Every kind of thing that an app keeps, and tend knows how to copy and bring back. */
const engines = { postgres, sqlite, files } as unknown as Readonly<Record<SubjectKind, Engine>>;

export function engineOf(subject: Subject): Engine {
  return engines[subject.kind];
}

/** What its engine has to see of a subject before it is restored. */
export async function seenBy({ place, transport, situation }: Look, subject: Subject): Promise<unknown> {
  const { seen } = await observe(transport, prelude(place.host), {
    seen: engineOf(subject).look(subject, situation.keepers("look")),
  });
  return seen;
}
