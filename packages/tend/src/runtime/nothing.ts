import type { Draft } from "./runtime.ts";

/** Of a plan that isn't needed: why. */
export function nothingToDo(nothing: string): Draft {
  return { title: "", summary: [], steps: [], undo: [], watch: [], nothing };
}
