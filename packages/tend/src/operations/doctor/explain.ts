import { checks } from "../../doctor/checks/index.ts";
import { defineOperation } from "../../operation.ts";
import { type Param, usage } from "../../params.ts";
import { FIX_CLASSES } from "../../render/doctor.ts";
import { nearestOf } from "./nearest.ts";

const check: Param<string> = {
  place: "argument",
  value: "one",
  label: "check",
  summary: "the id of a check",
  required: true,
  parse: (given) => (Array.isArray(given) ? String(given[0]) : ""),
};

export const explain = defineOperation({
  kind: "report",
  name: "doctor explain",
  summary: "Tell what a check looks at, why it matters and how it is mended",
  effect: "reads",
  params: { check },
  examples: [{ command: "tend doctor explain proxy.network", explains: "no host is asked" }],
  async report(_, input) {
    const found = checks.find((one) => one.id === input.check);
    if (!found) throw usage(`there is no check "${input.check}"`, `${nearestOf(input.check)}tend doctor --list has them all`);
    const { id, severity, finds, about, remedy, fixClass, needs = [], follows = [], settle, hardening = false } = found;
    return {
      data: { id, severity, finds, about, remedy, fixClass, needs, follows, settle, hardening },
      lines: [
        `${id}  ${severity}${hardening ? ", only with --hardening" : ""}: ${finds}`,
        "",
        about,
        "",
        remedy,
        FIX_CLASSES[fixClass],
        ...(needs.length > 0 ? ["", `It says nothing where one of these fails: ${needs.join(", ")}`] : []),
        ...(follows.length > 0 ? ["", `It is folded under one of these, where that is the cause: ${follows.join(", ")}`] : []),
        ...(settle === undefined ? [] : ["", `Told once it has been so for ${settle} s.`]),
      ],
    };
  },
});
