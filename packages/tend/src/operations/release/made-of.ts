import type { ReleaseEvent } from "../../journal/events.ts";

/** What tells a release from the others: its commit, or the tags of its images, or the images themselves. */
export function madeOf(release: ReleaseEvent): string {
  if (release.code)
    return `${release.code.commit.slice(0, 7)}${release.code.subject ? ` ${release.code.subject.slice(0, 40)}` : ""}`;
  const tags = Object.entries(release.tags ?? {});
  if (tags.length > 0) return tags.map(([name, value]) => `${name}=${value}`).join(" ");
  return [...new Set(Object.values(release.images).map((image) => image.ref))].join(" ");
}
