import { setTimeout as delay } from "node:timers/promises";
import { type Asked, type Examined, examine, examineAll, scenesOf } from "../../doctor/diagnose.ts";
import type { Finding } from "../../doctor/finding.ts";
import type { Diagnosis } from "../../doctor/judge.ts";
import { defineOperation } from "../../operation.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { diagnosisLines } from "../../render/doctor.ts";
import type { Session } from "../../session.ts";
import { params } from "./params.ts";

/** What each session's plans set out to mend: it is looked for again afterwards. */
const setOut = new WeakMap<Session, Finding[]>();

/** Seconds that a fix has to show: a proxy that was told to reload answers from its old workers for a moment, a database has to start. */
const TO_SHOW = 30;

export const fix = defineOperation({
  kind: "host",
  name: "doctor --fix",
  summary: "Do what is safe to do about what doctor finds",
  effect: "changes",
  params,
  examples: [],
  targets: (input, fleet) => [
    ...new Set(input.apps.length > 0 ? input.apps.flatMap((name) => fleet.apps.get(name)?.host ?? []) : fleet.hosts.keys()),
  ],
  async facts({ session, host }, input) {
    const scene = (await scenesOf(session, input.apps)).find((one) => one.host.name === host.name);
    if (!scene) throw new Error(`${host.name} is no host of what was asked about`);
    const { diagnosis } = await examine(session, scene, input);
    const safe = diagnosis.findings.filter(isSafe);
    setOut.set(session, [...(setOut.get(session) ?? []), ...safe]);
    const others = diagnosis.findings.filter((finding) => finding.severity !== "info" && !safe.includes(finding));
    return { safe, others: others.length };
  },
  draft({ safe, others }, { host }) {
    const rest = others > 0 ? `; ${others} ${others === 1 ? "finding needs" : "findings need"} a person: tend doctor` : "";
    return {
      title: `doctor --fix on ${host.name}`,
      summary: safe.map((finding) => ({ label: finding.severity, text: `${finding.title} (${finding.id})` })),
      steps: safe.map(stepOf),
      undo: [],
      watch: [],
      outcome: `${safe.length} ${safe.length === 1 ? "fix" : "fixes"} done${rest}`,
      nothing: safe.length === 0 ? `nothing was found that is safe to mend without you${rest}` : undefined,
    };
  },
  async afterwards(session, input, out) {
    const tried = [...new Map((setOut.get(session) ?? []).map((finding) => [keyOf(finding), finding])).values()];
    const diagnoses = (await lookAgain(session, input, tried)).map((one) => one.diagnosis);
    const now = keysOf(diagnoses);
    const still = tried.filter((finding) => now.has(keyOf(finding)));
    if (out.json) {
      const verified = tried.map((finding) => ({ id: finding.id, subject: finding.subject, gone: !now.has(keyOf(finding)) }));
      out.write(JSON.stringify({ v: 1, type: "doctor", verified, hosts: diagnoses }));
    } else if (tried.length > 0) {
      out.write("");
      out.write("looked at again:");
      for (const finding of tried) {
        out.write(
          now.has(keyOf(finding))
            ? `✖ ${finding.id} is still there: ${finding.title}`
            : `✔ ${finding.id} is gone: ${finding.subject}`,
        );
      }
      for (const line of diagnosisLines(diagnoses)) out.write(line);
    }
    if (still.length > 0) return 1;
    return diagnoses.some(({ findings }) => findings.some((finding) => finding.severity !== "info")) ? 3 : undefined;
  },
});

/** Until what was mended doesn't show any more, or it has had its time. */
async function lookAgain(session: Session, asked: Asked, tried: readonly Finding[]): Promise<readonly Examined[]> {
  const end = Date.now() + TO_SHOW * 1000;
  for (;;) {
    const examined = await examineAll(session, asked);
    const now = keysOf(examined.map((one) => one.diagnosis));
    if (Date.now() > end || !tried.some((finding) => now.has(keyOf(finding)))) return examined;
    await delay(1000);
  }
}

function isSafe({ fix: { class: kind, commands } }: Finding): boolean {
  return kind === "safe" && commands !== undefined && commands.length > 0;
}

function stepOf(finding: Finding, at: number): Step {
  return {
    id: `fix-${at + 1}-${finding.id.replaceAll(".", "-")}`,
    title: finding.fix.text,
    because: finding.title,
    effect: "changes",
    phase: "switch",
    action: exec(finding.fix.commands ?? []),
  };
}

function keyOf({ id, subject }: { readonly id: string; readonly subject: string }): string {
  return `${id} ${subject}`;
}

/** All that is found, what is folded too. */
function keysOf(diagnoses: readonly Diagnosis[]): ReadonlySet<string> {
  return new Set(diagnoses.flatMap(({ findings }) => findings.flatMap((one) => [one, ...one.explains].map(keyOf))));
}
