import { distance } from "fastest-levenshtein";
import { checks } from "../../doctor/checks/index.ts";

/** `did you mean proxy.network? `, or nothing. */
export function nearestOf(id: string): string {
  const [nearest] = checks.map((check) => check.id).toSorted((one, other) => distance(id, one) - distance(id, other));
  return nearest !== undefined && distance(id, nearest) <= 4 ? `did you mean ${nearest}? ` : "";
}
