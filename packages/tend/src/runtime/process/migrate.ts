import { migrationDraft, migrationPart } from "../../migrate/part.ts";
import type { Draft, Drafting, Place } from "../runtime.ts";
import { inRelease, keepersOf } from "./commands.ts";
import type { ProcessFacts } from "./look.ts";
import { released } from "./power.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";

/** What is pending, applied by the code that is live, behind a backup; nothing is started anew. */
export function planMigrate(place: Place, facts: ProcessFacts, context: Drafting): Draft {
  refuseUnlessReady(place, facts, { moving: false });
  const release = Object.values(released(place, facts, chosenServices(place, [])))[0]?.release ?? 0;
  const command = (argv: readonly string[]) => inRelease(place, facts, release, argv);
  const data = migrationPart(place, facts, context, {
    keepers: keepersOf(context.run),
    live: command,
    next: command,
    concerned: true,
  });
  return migrationDraft(place, data);
}
