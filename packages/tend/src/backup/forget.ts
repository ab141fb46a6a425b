import type { ForgetAction } from "../plan/plan.ts";
import type { Store } from "./destination/store.ts";
import type { Outcome } from "./outcome.ts";

/** Takes backups away. One that isn't there any more is what was asked for. */
export async function forget({ app, backups }: ForgetAction, store: Store, signal: AbortSignal | undefined): Promise<Outcome> {
  for (const name of backups) {
    signal?.throwIfAborted();
    await store.remove(app, name);
  }
  return { ok: true, text: "" };
}
