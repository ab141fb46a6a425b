import type { ForgetAction } from "../plan/plan.ts";
import type { Transport } from "../transport/transport.ts";
import type { OpenStore } from "./destination/index.ts";
import type { Outcome } from "./outcome.ts";

/** Takes backups away. One that isn't there any more is what was asked for. */
export async function forget(
  { from, app, backups }: ForgetAction,
  transport: Transport,
  signal: AbortSignal | undefined,
  open: OpenStore,
): Promise<Outcome> {
  const store = await open(from, transport);
  try {
    for (const name of backups) {
      signal?.throwIfAborted();
      await store.remove(app, name);
    }
    return { ok: true, text: "" };
  } finally {
    await store.close();
  }
}
