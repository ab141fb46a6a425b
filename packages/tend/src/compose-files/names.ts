import type { ComposeFiles } from "./files.ts";
import { interpolate, type Variables, withoutMarks } from "./interpolate.ts";
import { mergedShared } from "./merge.ts";

/** As Compose calls the project that the files make, where it isn't told by `-p`. */
export function projectOf(files: ComposeFiles, variables: Variables, folder: string): string {
  return variables.get("COMPOSE_PROJECT_NAME") || nameIn(files) || projectNameOf(folder);
}

/** The name that stands in them. */
export function nameIn({ documents }: ComposeFiles): string | undefined {
  const names = documents.flatMap(({ document, variables }) => {
    const name = document.text(document.entries(document.root).get("name")?.value);
    return name === undefined ? [] : [withoutMarks(interpolate(name, variables))];
  });
  return names.at(-1);
}

/** What Compose calls a project by its folder. */
export function projectNameOf(folder: string): string {
  const [base = ""] = folder.split("/").filter(Boolean).slice(-1);
  return base
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

/** What Docker calls a network or a volume by its key in the files. */
export function dockerName(all: ComposeFiles, section: "networks" | "volumes", project: string): (key: string) => string {
  const shared = mergedShared(all, section);
  return (key) => {
    const one = shared.get(key);
    return withoutMarks(one?.name ?? (one?.external ? key : `${project}_${key}`));
  };
}
