import { showLogs } from "../../logs/show.ts";
import { defineOperation } from "../../operation.ts";
import { apps, count, flag, services, text, usage } from "../../params.ts";

export const logs = defineOperation({
  kind: "stream",
  name: "logs",
  summary: "Show the logs of several services, merged by time",
  effect: "reads",
  params: {
    apps: apps("whose logs; several may be on several hosts"),
    only: services("only these services"),
    follow: flag("go on showing what is new, until Ctrl-C", "f"),
    since: text("time", "from then on: 15m, 2h, 2026-11-19T03:00:00Z"),
    tail: count("lines", "the last lines of each service; 200 without --since", "n"),
    grep: text("pattern", "only lines that match this regular expression"),
  },
  examples: [
    { command: "tend logs skriptoteket -f", explains: "everything, as it comes" },
    { command: "tend logs skriptoteket --since 15m --grep 'error|500'", explains: "what went wrong lately" },
  ],
  async stream(session, input, out) {
    const since = input.since === undefined ? undefined : startOf(input.since);
    const sources = await showLogs(
      session,
      await session.places(input.apps),
      {
        only: input.only,
        follow: input.follow,
        since,
        tail: input.tail ?? (since === undefined ? 200 : undefined),
        pattern: input.grep === undefined ? undefined : regularExpression(input.grep),
      },
      out,
    );
    if (sources > 0) return 0;
    throw usage(`no containers: nothing of ${input.apps.join(", ")} has been started`, `tend status ${input.apps.join(" ")}`);
  },
});

/** Docker takes Go's durations, which know no days. Throws `usage` for what is neither a duration nor a time. */
function startOf(since: string): string {
  if (/^\d{4}-\d\d-\d\d/.test(since) && !Number.isNaN(Date.parse(since))) return since;
  if (!/^(\d+(\.\d+)?[smhd])+$/.test(since)) {
    throw usage(`--since ${since}: expected a duration such as 15m or 2h, or a time such as 2026-11-19T03:00:00Z`);
  }
  return since.replaceAll(/(\d+(?:\.\d+)?)d/g, (_, days: string) => `${Number(days) * 24}h`);
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "iu");
  } catch (error) {
    throw usage(`--grep: ${error instanceof Error ? error.message : String(error)}`);
  }
}
