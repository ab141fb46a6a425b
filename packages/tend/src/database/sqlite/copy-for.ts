import { lines, type Script, sh } from "../../transport/argv.ts";
import { type SqliteSite, suffix } from "./site.ts";
import { sqliteTool } from "./tool.ts";

/**
 * A throwaway copy of the live data. Beside it, with its owner and mode, it prints `inside PATH`, the path in the
 * containers that mount it, if any does, and `host PATH`; otherwise it is the host's own file. `discard` takes the one
 * beside it away.
 */
export function copyFor(site: SqliteSite, into: "beside" | { readonly file: string } = "beside"): Script {
  if (into !== "beside") return lines([sqliteTool(site), copyInto(into.file)]);
  const after = suffix("copy", site.run);
  return lines([
    sqliteTool(site),
    sh`tend_sqlite double '' 3>/dev/null </dev/null || exit
tend_print_inside() { printf 'inside %s%s\n' "$5" ${after}; }
tend_keepers tend_print_inside
printf 'host %s%s\n' "$tend_real" ${after}`,
  ]);
}

/** Never half there under its own name. */
function copyInto(file: string): Script {
  return sh`umask 077
tend_part=${`${file}.part`}
trap 'rm -f "$tend_part"' EXIT
trap 'exit 143' TERM HUP INT
trap '' PIPE
tend_sqlite take '' 3>/dev/null </dev/null >"$tend_part" || exit
mv "$tend_part" ${file} && printf 'host %s\n' ${file}`;
}
