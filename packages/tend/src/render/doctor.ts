import type { Finding, FixClass, Severity } from "../doctor/finding.ts";
import type { Diagnosis } from "../doctor/judge.ts";

const MARKS: Readonly<Record<Severity, string>> = { error: "✖", warning: "!", info: "·" };

export const FIX_CLASSES: Readonly<Record<FixClass, string>> = {
  safe: "It is safe to do: tend doctor --fix does it.",
  plan: "It takes a plan that you approve.",
  person: "It takes a person.",
};

/** What was found, the gravest first; in the end what could not be told. */
export function diagnosisLines(diagnoses: readonly Diagnosis[]): readonly string[] {
  return diagnoses.flatMap((diagnosis, at) => [
    ...(at > 0 ? [""] : []),
    `${diagnosis.host}  ${countText(diagnosis)}`,
    ...diagnosis.findings.flatMap(findingLines),
    ...diagnosis.crashed.map(({ id, error }) => `✖ ${id}  tend's own mistake: ${error.split("\n")[0]}`),
    ...unknownLines(diagnosis),
    ...diagnosis.ignored.map(
      ({ id, subject, because, until }) => `  ignored until ${until}: ${id} on ${subject}, because ${because}`,
    ),
  ]);
}

function countText({ findings, counts }: Diagnosis): string {
  const number = (severity: Severity, one: string) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${one}${count === 1 || one === "info" ? "" : "s"}`];
  };
  return [
    `${counts.pass} passed`,
    ...(findings.length === 0
      ? ["nothing found"]
      : [...number("error", "error"), ...number("warning", "warning"), ...number("info", "info")]),
    ...(counts.unknown > 0 ? [`${counts.unknown} not known`] : []),
  ].join(" · ");
}

function findingLines({ id, severity, subject, title, evidence, cause, fix, explains }: Finding): readonly string[] {
  return [
    `${MARKS[severity]} ${id}  ${title}`,
    ...block("on", [subject]),
    ...block("evidence", evidence),
    ...block("cause", cause === undefined ? [] : [cause]),
    ...block("fix", [
      fix.text,
      ...(fix.operation === undefined ? [] : [fix.operation]),
      ...(fix.commands ?? []).flatMap((command) => command.text.split("\n")),
      ...(fix.class === "safe" ? [`tend doctor --fix --only ${id}  does it`] : []),
    ]),
    ...block("explains", explains.length === 0 ? [] : [...new Set(explains.map((one) => `${one.id}: ${one.title}`))]),
  ];
}

function block(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `    ${(at === 0 ? label : "").padEnd(9)} ${line}`);
}

/** By reason: a host that can't be reached is one line, not eighty. */
function unknownLines({ unknown }: Diagnosis): readonly string[] {
  return [...Map.groupBy(unknown, ({ why }) => why)].map(([why, ids]) => {
    const names = ids.map(({ id }) => id);
    return `  not known, since ${why}: ${names.length > 6 ? `${names.length} checks` : names.join(", ")}`;
  });
}
