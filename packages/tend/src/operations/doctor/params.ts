import { checks } from "../../doctor/checks/index.ts";
import { flag, type Param, someApps, text, usage } from "../../params.ts";
import { nearestOf } from "./nearest.ts";

/** Which checks: by id, or by area (`host`, `proxy`). */
function someChecks(summary: string): Param<readonly string[]> {
  return {
    ...text("ids", summary),
    value: "many",
    parse: (given) =>
      Array.isArray(given)
        ? given
            .flatMap((one: string) => one.split(","))
            .filter(Boolean)
            .map(known)
        : [],
  };
}

function known(id: string): string {
  if (checks.some((check) => check.id === id || check.id.startsWith(`${id}.`))) return id;
  throw usage(`there is no check "${id}"`, `${nearestOf(id)}tend doctor --list has them all`);
}

export const params = {
  apps: someApps("whose hosts and what belongs to them; the whole fleet when none is named"),
  only: someChecks("only these checks, by id or area: proxy.network,tls"),
  fix: flag("do what is safe to do: as a plan, verified afterwards"),
  hardening: flag("advice, too: what isn't wrong and could be tighter"),
  list: flag("list the checks"),
  bundle: text("file", "write all that was seen, redacted, for an issue"),
};
