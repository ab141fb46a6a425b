import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { ANNOUNCE, announced } from "./announcement.ts";
import { type Script, sh } from "./argv.ts";
import { ended, hasEnded } from "./child.ts";
import { Frame } from "./frame.ts";
import { Secret } from "./secret.ts";

/**
 * printf must be the shell's own: a program of that name would show a secret among its arguments.
 * `__tend_end` closes the frame on both streams, each in one write, so that nothing gets in between.
 */
const PREAMBLE = `${ANNOUNCE}
case $(command -v printf) in */*) echo 'sh has no printf of its own' >&2; exit 127;; esac
__tend_end() { printf '%s%s\\n' "$1" "$2"; printf '%s%s\\n' "$1" "$2" >&2; }
`;

export interface Answer {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shell ended under a script. The message is what it wrote last. */
export class ShellEnded extends Error {}

interface Asker {
  hear(stream: "stdout" | "stderr", chunk: Buffer): void;
  lose(said: string): void;
}

/**
 * One `sh` that reads commands from its stdin. Each script is evaluated in a subshell, from a quoted string: so it
 * can't change the shell for the next one (folder, variables, traps, `exit`, a syntax error, an open quote), can't
 * read the next one as its input, and has no limit of length, as an argument would. It shares one thing: `$$`.
 */
export class Shell {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the process has ended. */
  readonly gone: Promise<void>;
  #group: number | undefined;
  #asker: Asker | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    const end = ended(child);
    const begin = announced(child.stderr, end).then(({ group, said }) => {
      this.#group = group;
      child.stderr.on("data", (chunk: Buffer) => this.#asker?.hear("stderr", chunk)).resume();
      return said;
    });
    this.gone = Promise.all([begin, end]).then(([said]) => this.#asker?.lose(said));
    child.stdin.on("error", () => undefined); // `gone` tells
    child.stdout.on("data", (chunk: Buffer) => this.#asker?.hear("stdout", chunk));
    child.stdin.write(PREAMBLE);
  }

  /** The process group of what runs in it, once it has begun. */
  get group(): number | undefined {
    return this.#group;
  }

  get alive(): boolean {
    return !hasEnded(this.child);
  }

  get busy(): boolean {
    return this.#asker !== undefined;
  }

  /** One script at a time. */
  ask(script: Script, input: string | Secret = ""): Promise<Answer> {
    const mark = randomBytes(16).toString("hex");
    const request = framed(script, mark, input instanceof Secret ? input.reveal() : input);
    const frames = { stdout: new Frame(mark), stderr: new Frame(mark) };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#asker = {
      hear: (stream, chunk) => {
        frames[stream].push(chunk);
        const exit = frames.stdout.exit;
        if (exit === undefined || frames.stderr.exit === undefined) return;
        this.#asker = undefined;
        resolve({ exit, stdout: frames.stdout.text, stderr: frames.stderr.text });
      },
      lose: (said) => reject(new ShellEnded(said + frames.stderr.unfinished)),
    };
    this.child.stdin.write(request.text);
    return promise;
  }
}

/** The blank keeps `eval` from taking a script that starts with a dash for an option. */
function framed(script: Script, mark: string, input: string): Script {
  const subshell = sh`( eval ${` ${script.text}`} )`;
  return sh`printf ${mark}; printf ${mark} >&2
${input === "" ? sh`${subshell} </dev/null` : sh`${print(input)} | ${subshell}`}
__tend_end ${mark} $?
`;
}

/** A word can't hold a NUL, printf's format can. A script that doesn't read its input is no reason to complain. */
function print(text: string): Script {
  const parts = text.split("\0");
  const last = parts.pop() ?? "";
  const before = parts.length > 0 ? sh`printf '%s\0' ${parts}; ` : undefined;
  return sh`{ ${before}printf %s ${last}; } 2>/dev/null`;
}
