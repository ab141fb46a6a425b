import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";
import { ended, Tail } from "./child.ts";

/** `ssh -v` says this when the host has connected to the address; there is no other sign of it. */
const OPEN = "master session id";

const FAREWELL_MS = 100;

/** A `ssh -v -W host:port`: bytes between here and an address that the host can reach. */
export class Forward {
  /** Whether the host could connect to the address. */
  readonly open: Promise<boolean>;
  readonly gone: Promise<number>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #said = new Tail();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.gone = ended(child);
    this.open = new Promise((resolve) => {
      child.stderr.on("data", (chunk: Buffer) => {
        this.#said.push(chunk);
        if (this.#said.text.includes(OPEN)) resolve(true);
      });
      this.gone.then(() => resolve(false));
    });
  }

  get said(): string {
    return this.#said.text;
  }

  get duplex(): Duplex {
    const { stdin, stdout } = this.#child;
    const duplex = new Duplex({
      read: () => void stdout.resume(),
      write: (chunk, encoding, done) => stdin.write(chunk, encoding, done),
      final: (done) => void stdin.end(done),
      destroy: (error, done) => {
        // The master may take seconds to see that its client has gone, but sees at once that its input has ended.
        stdin.destroy();
        stdout.destroy();
        setTimeout(() => this.#child.kill("SIGKILL"), FAREWELL_MS);
        done(error);
      },
    });
    stdout.on("data", (chunk: Buffer) => duplex.push(chunk) || stdout.pause());
    stdout.once("end", () => duplex.push(null));
    stdin.on("error", (error) => duplex.destroy(error));
    void this.gone.then((exit) => exit !== 0 && duplex.destroy(new Error("the connection broke")));
    return duplex;
  }
}
