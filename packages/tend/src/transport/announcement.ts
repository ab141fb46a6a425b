import type { Readable } from "node:stream";

/**
 * What a session of ours says first, on stderr: that it has begun, and by which number all its processes can be ended.
 * sshd starts each session in a process group of its own, as `spawn` does with `detached`.
 */
export const ANNOUNCE = 'echo "tend-group $$" >&2';

const ANNOUNCEMENT = /^tend-group (\d+)\n/m;

export interface Announced {
  /** Undefined when the session ended before it began. */
  readonly group: number | undefined;
  /** What came before: the login shell's words, or ssh's on why there is no session. */
  readonly said: string;
}

/**
 * Reads a session's stderr up to the announcement, and leaves the rest to be read. `end` settles when the process has
 * ended: its stderr may stay open longer, in a ssh master that hasn't noticed yet.
 */
export function announced(stderr: Readable, end: Promise<unknown>): Promise<Announced> {
  const { promise, resolve } = Promise.withResolvers<Announced>();
  let heard = "";
  const hear = (chunk: Buffer) => {
    heard += chunk.toString("latin1"); // a byte is a character, so that what follows can be given back as it was
    const found = ANNOUNCEMENT.exec(heard);
    if (!found) return;
    stderr.off("data", hear).pause();
    stderr.unshift(Buffer.from(heard.slice(found.index + found[0].length), "latin1"));
    resolve({ group: Number(found[1]), said: heard.slice(0, found.index) });
  };
  stderr.on("data", hear);
  void end.then(() => resolve({ group: undefined, said: Buffer.from(heard, "latin1").toString("utf8") }));
  return promise;
}
