import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { firstErrors } from "../execute/evidence.ts";
import { Failure } from "../model/failure.ts";
import type { Manifest, StoredFile } from "../model/manifest.ts";
import type { CarryAction } from "../plan/plan.ts";
import { NOTHING_YET } from "../plan/plan.ts";
import { remotePath, sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { summarise } from "./about.ts";
import type { OpenStore } from "./destination/index.ts";
import { MANIFEST } from "./destination/place.ts";
import type { Store } from "./destination/store.ts";
import { fanOut } from "./fan-out.ts";
import { manifestBody, manifestText } from "./manifest-text.ts";
import type { Outcome } from "./outcome.ts";
import { type Report, report } from "./produce.ts";
import { sealing } from "./seal.ts";
import { Counter, drain, expecting } from "./tally.ts";
import { differentThere, worthless } from "./troubles.ts";

/**
 * Takes a backup from its host to where it is kept. Nothing counts before it was read back whole from everywhere; the
 * manifests that publish it are the last that is written, and whatever fails before leaves nothing.
 */
export async function carry(
  action: CarryAction,
  transport: Transport,
  signal: AbortSignal | undefined,
  open: OpenStore,
): Promise<Outcome> {
  const stores = await Promise.all(action.to.map((destination) => open(destination, transport))).catch((error: unknown) => {
    throw error instanceof Failure ? error.with({ changed: NOTHING }) : error;
  });
  const carrying = new Carrying(action, stores, transport, signal);
  try {
    return await carrying.run();
  } catch (error) {
    await carrying.tidy();
    if (error instanceof Failure) throw error.with({ changed: carrying.changed });
    throw error;
  } finally {
    await Promise.allSettled(stores.map((store) => store.close()));
  }
}

const NOTHING = "nothing was published; other backups are as they were";

type Files = Record<string, StoredFile>;
type Produced =
  | { readonly ok: true; readonly files: Files; readonly notes: string; readonly about: Buffer }
  | { readonly ok: false; readonly exit: number; readonly notes: string };

class Carrying {
  readonly #action: CarryAction;
  readonly #stores: readonly Store[];
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #published: Store[] = [];
  #uncertain: Store | undefined;

  constructor(action: CarryAction, stores: readonly Store[], transport: Transport, signal: AbortSignal | undefined) {
    this.#action = action;
    this.#stores = stores;
    this.#transport = transport;
    this.#signal = signal;
  }

  async run(): Promise<Outcome> {
    const { app } = this.#action.backup;
    await Promise.all(this.#stores.map((store) => store.sweep(app)));
    const produced = await this.#payload();
    if (!produced.ok) {
      await this.tidy();
      if (produced.exit !== NOTHING_YET) return { ok: false, text: produced.notes };
      return { ok: true, text: produced.notes, nothing: produced.notes.trim().split("\n").at(-1) ?? "" };
    }
    const about = await this.#file("about.jsonl", [produced.about], () => undefined);
    const files = { ...produced.files, ...about };
    await this.#readBack(files);
    const manifest: Manifest = {
      ...this.#action.backup,
      files,
      ...summarise(produced.about),
      verified: new Date().toISOString(),
    };
    await this.#publish(manifest);
    await this.#leave(manifest);
    return { ok: true, text: produced.notes };
  }

  /** What a failure says of it. */
  get changed(): string {
    const there = this.#published.map(({ text }) => text).join(" and ");
    const perhaps = this.#uncertain
      ? `; whether it is published at ${this.#uncertain.text} too isn't known: tend backups shows it`
      : "";
    if (there) return `the backup is published at ${there}, and whole there${perhaps || "; nothing is published elsewhere"}`;
    return perhaps ? perhaps.slice(2).replace(" too ", " ") : NOTHING;
  }

  /** Takes away what isn't published. A destination that can't be reached is swept by the next backup. */
  async tidy(): Promise<void> {
    const unpublished = this.#stores.filter((store) => !this.#published.includes(store));
    await Promise.allSettled(unpublished.map((store) => store.sweep(this.#action.backup.app)));
  }

  async #payload(): Promise<Produced> {
    const { produce, mark, payload } = this.#action;
    const channel = this.#transport.stream(produce, { signal: this.#signal });
    channel.stdin.end();
    const said = report(channel.stderr, mark).catch((error: Error) => {
      channel.close();
      return { notes: error.message, about: undefined, rest: "" } satisfies Report;
    });
    try {
      const files = await this.#file(payload, channel.stdout, () => channel.close());
      const { exit } = await channel.done;
      const { notes, about, rest } = await said;
      this.#signal?.throwIfAborted();
      if (exit !== 0) return { ok: false, exit, notes: `${notes}${rest}` || `the script ended with status ${exit}` };
      const [stored] = Object.values(files);
      if ((stored?.clear ?? stored)?.bytes === 0) throw worthless(`${payload} came out empty`, firstErrors(notes));
      if (!about) throw worthless(`${payload} came without its description`, firstErrors(notes));
      return { ok: true, files, notes, about };
    } finally {
      channel.close();
    }
  }

  /** Streams one file to all stores at once: counted, sealed, counted again. */
  async #file(file: string, source: Readable | readonly Buffer[], stop: () => void): Promise<Files> {
    const { name, app, sealed } = this.#action.backup;
    const stored = sealed ? `${file}.age` : file;
    const [clear, kept] = [new Counter(), new Counter()];
    const seal = sealed ? await sealing(sealed) : (bytes: AsyncIterable<Uint8Array>) => bytes;
    const sinks = this.#stores.map((store) => (bytes: Readable) => store.put(app, name, stored, bytes));
    await pipeline(
      source instanceof Readable ? source : Readable.from(source, { objectMode: false }),
      clear.through,
      seal,
      kept.through,
      (bytes: AsyncIterable<Uint8Array>) => fanOut(bytes, sinks, stop),
      { signal: this.#signal },
    );
    return { [stored]: { ...kept.result, ...(sealed ? { clear: clear.result } : {}) } };
  }

  /** From every place, to the last byte: what was accepted for writing isn't yet what is there. */
  async #readBack(files: Files): Promise<void> {
    const { name, app } = this.#action.backup;
    await Promise.all(
      this.#stores.map(async (store) => {
        for (const [file, stored] of Object.entries(files)) {
          const whole = expecting(stored, (reason) => differentThere(file, store.text, reason));
          await pipeline(await store.read(app, name, file), whole, drain, { signal: this.#signal });
        }
      }),
    );
  }

  async #publish(manifest: Manifest): Promise<void> {
    const text = manifestText(manifest);
    // From here on it takes a moment, and is better done than half done.
    this.#signal?.throwIfAborted();
    for (const store of this.#stores) {
      this.#uncertain = store;
      try {
        await store.publish(manifest.app, manifest.name, text);
        await this.#compare(store, manifest, text);
      } catch (error) {
        const found = await store.list(manifest.app).catch(() => undefined);
        const there = found?.find((listed) => listed.name === manifest.name);
        if (found && !there) this.#uncertain = undefined;
        // It was done, and only the answer was lost.
        if (there?.manifest !== text) throw error;
      }
      this.#uncertain = undefined;
      this.#published.push(store);
    }
  }

  /** A manifest that didn't get there as it is makes no backup; it is taken back. */
  async #compare(store: Store, { app, name }: Manifest, text: string): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of await store.read(app, name, MANIFEST)) chunks.push(chunk as Buffer);
    if (Buffer.concat(chunks).equals(Buffer.from(text))) return;
    await store.remove(app, name);
    throw differentThere(MANIFEST, store.text, "it was read back as something else");
  }

  /** For the later steps of the run, on the host. */
  async #leave(manifest: Manifest): Promise<void> {
    const kept = remotePath(this.#action.kept);
    const written = await this.#transport.run(sh`umask 077; cat >${kept}.new && mv ${kept}.new ${kept}`, {
      input: `${manifestBody(manifest)}\n`,
    });
    if (written.exit === 0) return;
    throw new Failure({
      id: "host.state",
      title: `the run's files on ${this.#transport.host} can't be written`,
      exit: "failed",
      evidence: firstErrors(written.stderr),
    });
  }
}
