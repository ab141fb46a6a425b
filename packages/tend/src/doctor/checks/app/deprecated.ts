import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { plain, saidOf } from "./said.ts";

export const deprecated = defineCheck({
  id: "app.deprecated",
  severity: "info",
  finds: "a service that warns of something which a later version drops",
  about:
    "Python and Node print a DeprecationWarning, once, where code asks for what is to go: a module that was moved, a function that was renamed. It works today, and fails with a newer version of the library.",
  remedy: "Bring the library, or what is configured for it, up to date; build anew and deploy.",
  fixClass: "person",
  hardening: true,
  *judge(seen, scene) {
    for (const { app, service, subject, lines } of saidOf(seen, scene, "deprecated")) {
      const told = [...new Set(lines.map(({ text }) => plain(text)))];
      if (told.length === 0) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} uses what a later version drops`,
          evidence: told.slice(0, 4),
          fix: {
            class: "person",
            text: `bring the library that it names up to date, or what is configured for it; then tend deploy ${app.name}`,
          },
        });
      }
    }
  },
});
