import { inspect } from "node:util";

const REDACTED = "[REDACTED]";

/**
 * A value that must not be seen. It prints as `[REDACTED]` wherever something prints it by accident –
 * in a template, JSON, console.log – and is opened only where it leaves for its destination.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; for the place that writes it to a stdin or a 0600 file, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
