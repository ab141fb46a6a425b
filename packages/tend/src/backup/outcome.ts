import type { Failure } from "../model/failure.ts";

/** What came of an action here. `text` is what a script said, and explains a failure that has no other explanation. */
export interface Outcome {
  readonly ok: boolean;
  readonly text: string;
  readonly failure?: Failure;
  /** It went well, because there was nothing to do: why. */
  readonly nothing?: string;
}
