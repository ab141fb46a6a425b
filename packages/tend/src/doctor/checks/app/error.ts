import { CODE_FAILS, CONTAINER_FAILS, DATA_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { plain, saidOf } from "./said.ts";

/** Seconds. */
const LATELY = 3600;
const SHOWN = 4;

export const error = defineCheck({
  id: "app.error",
  severity: "info",
  finds: "errors that a service has logged within the hour",
  about:
    "Of the newest thousand lines since its start, the last six that look like errors are looked at, and the first of those shown: what follows is mostly their echo. They are no finding by themselves, and stand under what explains them.",
  remedy: "`tend logs APP` shows them with what came before.",
  fixClass: "person",
  follows: [...DATA_FAILS, "ctr.unhealthy", "ctr.restart.loop", ...CODE_FAILS, ...CONTAINER_FAILS],
  *judge(seen, scene) {
    for (const { app, service, subject, lines } of saidOf(seen, scene, "error")) {
      const lately = lines.filter(({ at }) => scene.now.getTime() - Date.parse(at) < LATELY * 1000);
      const told = [...new Set(lately.flatMap(({ text }) => (isTrouble(text) ? [plain(text)] : [])))];
      if (told.length === 0) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} has logged errors within the hour`,
          evidence: told.slice(0, SHOWN),
          fix: { class: "person", text: "see what came before them", operation: `tend logs ${app.name}` },
        });
      }
    }
  },
});

/** Of a structured line its level says so; `error` may be a field's name, or a path. */
function isTrouble(text: string): boolean {
  if (!text.startsWith("{")) return true;
  const level = /"(?:level|severity|lvl)"\s*:\s*"?(\w+)/.exec(text)?.[1] ?? "error";
  return /^(err|fatal|crit|alert|emerg|panic|50|60)/i.test(level);
}
