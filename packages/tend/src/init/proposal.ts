/** A declaration that is proposed: plain values in the order in which they are written, and what is said beside them. */
export type Value = string | number | boolean | readonly Value[] | Section;
export interface Section {
  readonly [key: string]: Value;
}

export interface Note {
  /** The keys that lead to what it is about. */
  readonly path: readonly string[];
  readonly text: string;
}

/** What an app keeps: the name that it may have, and how it is declared. */
export interface Subject {
  readonly name: string;
  readonly value: Section;
  readonly guess?: string;
}

export interface ProposedApp {
  readonly name: string;
  readonly value: Section;
  /** What was guessed, and why; paths start at the app. */
  readonly guesses: readonly Note[];
  /** What was found and not declared, and why. */
  readonly left: readonly string[];
}

export interface Proposal {
  readonly fleet: string;
  readonly hosts: Section;
  readonly proxies: Section;
  readonly apps: readonly ProposedApp[];
  /** About hosts and proxies; paths start at the top. */
  readonly guesses: readonly Note[];
  readonly left: readonly string[];
}
