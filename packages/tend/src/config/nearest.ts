import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant; undefined when none is near enough to be worth saying. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; off: number } | undefined;
  for (const candidate of candidates) {
    const off = distance(word.slice(0, 80).toLowerCase(), candidate.toLowerCase());
    if (off <= tolerance(word, candidate) && off < (best?.off ?? Number.POSITIVE_INFINITY)) best = { candidate, off };
  }
  return best?.candidate;
}

/** "did you mean …?" when one is near, else all that would have been right. */
export function suggestion(word: string, candidates: readonly string[], otherwise = `expected ${either(candidates)}`): string {
  const near = nearest(word, candidates);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

/** A name that has to be declared elsewhere. */
export function declaredNames(word: string, declared: readonly string[]): string {
  return suggestion(word, declared, `declared: ${declared.length > 0 ? declared.join(", ") : "none"}`);
}

function either(words: readonly string[]): string {
  if (words.length === 1) return `${words[0]}`;
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** Two letters changed places count as two changes, yet are the commonest slip. */
function tolerance(word: string, candidate: string): number {
  if (letters(word) === letters(candidate)) return 2;
  return Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
}

function letters(word: string): string {
  return [...word.toLowerCase()].sort().join("");
}
