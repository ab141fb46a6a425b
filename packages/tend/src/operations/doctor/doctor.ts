import { writeFile } from "node:fs/promises";
import { bundleOf } from "../../doctor/bundle.ts";
import { checks } from "../../doctor/checks/index.ts";
import { examineAll } from "../../doctor/diagnose.ts";
import type { Diagnosis } from "../../doctor/judge.ts";
import { defineOperation } from "../../operation.ts";
import { diagnosisLines } from "../../render/doctor.ts";
import { table } from "../../render/table.ts";
import { fix } from "./fix.ts";
import { params } from "./params.ts";

export const doctor = defineOperation({
  kind: "report",
  name: "doctor",
  summary: "Find what is wrong on the hosts: evidence, cause and fix",
  details: `At most two round trips a host; what is slow is given up after some seconds, and said to be unknown. What only
follows from another finding is folded under it. Exits 3 with findings above information. --fix does what is safe, as a plan;
the rest is shown, and never done.`,
  effect: "reads",
  params,
  acts: { flag: "fix", operation: fix },
  examples: [
    { command: "tend doctor", explains: "the whole fleet" },
    { command: "tend doctor skriptoteket --only proxy,tls", explains: "one app's host, and only some areas" },
    { command: "tend doctor --fix --dry-run", explains: "what could be mended safely, and how" },
    { command: "tend doctor --bundle doctor.json", explains: "for an issue: what was seen, with secrets taken out" },
  ],
  async report(session, input) {
    if (input.list) return listed();
    const examined = await examineAll(session, input);
    if (input.bundle !== undefined) {
      await writeFile(input.bundle, `${JSON.stringify(bundleOf(examined), undefined, 1)}\n`, { mode: 0o600 });
    }
    const diagnoses = examined.map((one) => one.diagnosis);
    return {
      data: { hosts: diagnoses, reached: await session.counters() },
      lines: [
        ...diagnosisLines(diagnoses),
        ...(input.bundle === undefined ? [] : ["", `${input.bundle} has what was seen; read it before you give it away`]),
      ],
      exit: diagnoses.some(isIll) ? 3 : 0,
    };
  },
});

function listed() {
  const rows = checks.map(({ id, severity, finds, hardening }) => [id, hardening ? "hardening" : severity, finds]);
  return {
    data: {
      checks: checks.map(({ id, severity, finds, fixClass, hardening = false }) => ({
        id,
        severity,
        finds,
        fixClass,
        hardening,
      })),
    },
    lines: [...table(["check", "", "finds"], rows), "", `${checks.length} checks. tend doctor explain ID tells more.`],
  };
}

function isIll({ findings, crashed }: Diagnosis): boolean {
  return crashed.length > 0 || findings.some((finding) => finding.severity !== "info");
}
