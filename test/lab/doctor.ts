import { appendFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Workshop } from "./workshop.ts";

/** A finding as `tend doctor --json` tells it. */
export interface Found {
  readonly id: string;
  readonly subject: string;
  readonly severity: "error" | "warning" | "info";
  readonly title: string;
  readonly evidence: readonly string[];
  readonly cause?: string;
  readonly fix: {
    readonly class: string;
    readonly text: string;
    readonly operation?: string;
    readonly commands?: readonly string[];
  };
  readonly explains: readonly { readonly id: string; readonly subject: string }[];
}

export interface Doctored {
  readonly exit: number;
  readonly findings: readonly Found[];
  readonly unknown: readonly { readonly id: string; readonly why: string }[];
  readonly crashed: readonly { readonly id: string; readonly error: string }[];
  readonly seconds: number;
}

/** Asks tend what is wrong on the one host of the workshop's declaration. */
export async function doctor(workshop: Workshop, ...args: readonly string[]): Promise<Doctored> {
  const began = performance.now();
  const { exit, stdout, stderr } = await workshop.tend("doctor", "--json", ...args);
  const seconds = (performance.now() - began) / 1000;
  if (!stdout.startsWith("{")) throw new Error(`doctor ended with ${exit}\n${stdout}\n${stderr}`);
  const { hosts } = JSON.parse(stdout) as { hosts: readonly Omit<Doctored, "exit" | "seconds">[] };
  return { exit, ...(hosts[0] as Omit<Doctored, "exit" | "seconds">), seconds };
}

/** A fault of a runbook or a forum thread: how it comes about, what is to be found, and how it goes away. */
export interface Fault {
  /** As people tell of it: `the app is off the proxy's network`. */
  readonly name: string;
  readonly finds: string;
  readonly on?: string | RegExp;
  inject(): Promise<unknown>;
  undo(): Promise<unknown>;
  /** Other errors that come with it and are right, with an information also warnings: each needs a reason in the test. */
  readonly besides?: readonly string[];
  /** It is worth knowing, and no reason to be called: nothing may be above information with it. */
  readonly severity?: "info";
  /** It is told only with --hardening. */
  readonly hardening?: true;
  /** What isn't as it would be on somebody's server, since the lab can't have that: docs/faults.md says so. */
  readonly standIn?: string;
  /** Seconds after which it must show. */
  readonly within?: number;
}

/** Puts the fault in, expects it as the only error, takes it out again, and expects it gone and nothing above information. */
export async function walksInto(workshop: Workshop, fault: Fault): Promise<void> {
  const { besides = [], severity, within = 45 } = fault;
  const look = () => doctor(workshop, ...(fault.hardening ? ["--hardening"] : []));
  const isOther = ({ id, severity: its }: Found) =>
    !besides.includes(id) && (severity === "info" ? its !== "info" : its === "error");
  await fault.inject();
  try {
    const seen = await until(look, ({ findings }) => findings.some((one) => matches(one, fault)), within);
    const found = seen.findings.find((one) => matches(one, fault));
    const all = JSON.stringify(seen, undefined, 1);
    expect(found, all).toBeDefined();
    expect(found?.severity === "info", all).toBe(severity === "info");
    expect(seen.exit, all).toBe(seen.findings.every((one) => one.severity === "info") ? 0 : 3);
    expect(found?.evidence.length, all).toBeGreaterThan(0);
    expect(
      seen.findings.filter((one) => one !== found && isOther(one)),
      all,
    ).toEqual([]);
    expect(seen.crashed, all).toEqual([]);
    await note(fault, seen);
  } finally {
    await fault.undo();
  }
  // What --hardening tells besides is so before and afterwards.
  const isOfOld = ({ id }: Found) => fault.hardening === true && besides.includes(id);
  const stays = (one: Found) => (one.severity !== "info" && !isOfOld(one)) || (severity === "info" && matches(one, fault));
  const after = await until(look, ({ findings }) => !findings.some(stays), within);
  expect(after.findings.filter(stays), JSON.stringify(after, undefined, 1)).toEqual([]);
}

async function until(look: () => Promise<Doctored>, enough: (seen: Doctored) => boolean, seconds: number): Promise<Doctored> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (enough(seen) || Date.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function matches(found: Found, { finds, on }: Fault): boolean {
  if (found.id !== finds) return false;
  return on === undefined || (typeof on === "string" ? found.subject === on : on.test(found.subject));
}

/** For docs/faults.md: TEND_FAULT_TABLE names a file that gets a line for each fault that was walked into. */
async function note({ name, finds, standIn }: Fault, { seconds }: Doctored): Promise<void> {
  const file = process.env["TEND_FAULT_TABLE"];
  if (file) await appendFile(file, `${JSON.stringify({ name, finds, seconds: Math.round(seconds * 100) / 100, standIn })}\n`);
}
