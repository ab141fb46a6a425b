import type { Entry } from "../operations/index.ts";
import { page, table } from "./markdown.ts";

const GROUPS: Readonly<Record<Entry["group"], string>> = {
  releases: "Releases",
  data: "Data",
  containers: "Containers",
  looking: "Looking",
  edge: "Routes, certificates, names",
  host: "Hosts",
  runs: "Runs",
};

export function indexPage(entries: readonly Entry[]): string {
  return page(
    "# Reference",
    "These pages are written by `npm run reference` from the registry of operations, the declaration's schema and the catalogues in `packages/tend/src/reference/`; a test fails when they are stale. Change the source, not the page.",
    ...Object.entries(GROUPS).map(([group, title]) => {
      const rows = entries.filter((entry) => entry.group === group).map(({ name, summary }) => [link(name), summary]);
      return `## ${title}\n\n${table(["", ""], rows)}`;
    }),
    "`tend completion bash`, `zsh` or `fish` prints a script that completes verbs, options, apps and services in that shell: `source <(tend completion bash)`. `tend help VERB` prints what these pages say of a verb.",
    "## Formats",
    table(
      ["", ""],
      [
        ["[tend.yaml](tend-yaml.md)", "every key of the declaration"],
        ["[Errors](errors.md)", "exit codes, and every id that an error can have"],
        ["[Checks](checks.md)", "what `tend doctor` looks for, and how each is mended"],
        ["[JSON](json.md)", "what `--json` prints"],
      ],
    ),
  );
}

function link(name: string): string {
  return `[tend ${name}](${name.replaceAll(" ", "-")}.md)`;
}
