import { migrationDraft, migrationPart } from "../../migrate/part.ts";
import type { Draft, Drafting, Place } from "../runtime.ts";
import { inLive, inNext, keepersOf } from "./commands.ts";
import type { ComposeFacts } from "./look.ts";
import { refuseUnlessReady } from "./preflight.ts";

/** What is pending, applied by the image that is there, behind a backup; no container is replaced. */
export function planMigrate(place: Place, facts: ComposeFacts, context: Drafting): Draft {
  const { app } = place;
  refuseUnlessReady(place, facts, { moving: false });
  const data = migrationPart(place, facts, context, {
    keepers: keepersOf(place, facts, context.run),
    live: (argv) => inLive(place, facts, app.migrate?.service, argv),
    next: (argv) => inNext(place, facts, app.migrate?.service, argv),
    concerned: true,
  });
  return migrationDraft(place, data);
}
