import { Failure } from "../model/failure.ts";
import type { StoreAction } from "../plan/plan.ts";
import type { Transport } from "../transport/transport.ts";
import { carry } from "./carry.ts";
import { verify } from "./check.ts";
import { type OpenStore, openStore } from "./destination/index.ts";
import { fetchInto } from "./fetch.ts";
import { forget } from "./forget.ts";
import type { Outcome } from "./outcome.ts";

/**
 * What a plan does with backups on the machine that tend runs on. An outcome that isn't ok has a failure, unless a
 * script on the host failed by itself, which `text` explains, or `signal` ended it.
 */
export async function doStoreAction(
  action: StoreAction,
  transport: Transport,
  signal?: AbortSignal,
  open: OpenStore = openStore,
): Promise<Outcome> {
  try {
    signal?.throwIfAborted();
    return await done(action, transport, signal, open);
  } catch (error) {
    if (signal?.aborted) return { ok: false, text: "interrupted" };
    if (error instanceof Failure) return { ok: false, text: error.message, failure: error };
    throw error;
  }
}

async function done(
  action: StoreAction,
  transport: Transport,
  signal: AbortSignal | undefined,
  open: OpenStore,
): Promise<Outcome> {
  if (action.kind === "carry") return carry(action, transport, signal, open);
  if (action.kind === "fetch") return fetchInto(action, transport, signal, open);
  const store = await open(action.from, transport);
  try {
    return action.kind === "verify" ? await verify(action, store, signal) : await forget(action, store, signal);
  } finally {
    await store.close();
  }
}
