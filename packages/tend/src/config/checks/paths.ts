import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { Path } from "../tree.ts";

const ON_ANOTHER_MACHINE = "expected an absolute path or ~/…: on another machine a relative path starts nowhere";

/** A relative path means something only on the machine that the declaration is on. */
export function* paths({ hosts, apps }: Declared): Iterable<Mistake> {
  for (const [name, host] of hosts) {
    if (host.ssh && host.state !== undefined) yield* anchored(host.state, ["hosts", name, "state"]);
  }
  for (const [name, app] of apps) {
    if (hosts.get(app.host)?.ssh) yield* anchored(app.path, ["apps", name, "path"]);
  }
}

function* anchored(value: string, path: Path): Iterable<Mistake> {
  if (!/^(\/|~\/|~$)/.test(value)) yield { path, hint: ON_ANOTHER_MACHINE };
}
