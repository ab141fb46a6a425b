import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `tally.ts FOLDER HOSTS`: what the test runs of FOLDER came to. Its last lines are for whoever judges a run:
 * what was run and what was left out, and the plain count. Fails on any failure, and with CI=true on anything left out.
 */
interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const [folder = "", hosts = ""] = process.argv.slice(2);
const reports = { fast: report("fast"), thorough: report("thorough"), hosts: report("hosts") };
const all = Object.values(reports).flatMap((one) => testsOf(one));
const passed = all.filter((test) => test.status === "passed").length;
const broken = all.filter((test) => test.status === "failed").length + filesThatDidNotRun();
const skipped = all.filter((test) => test.status !== "passed" && test.status !== "failed");
const failures = notes("failed");
const leftOut = [...notes("left-out"), ...(skipped.length > 0 ? [`${skipped.length} skipped by themselves`] : [])];

for (const test of skipped) console.log(`skipped: ${test.fullName}`);
const scenarios = testsOf(reports.hosts, "/test/scenarios/").length;
const contracts = testsOf(reports.hosts).length - scenarios;
console.log(
  `\nran: ${[
    `${testsOf(reports.fast).length + testsOf(reports.thorough).length} unit`,
    ...(contracts > 0 ? [`${contracts} contracts`] : []),
    ...(scenarios > 0 ? [`${scenarios} scenarios on ${hosts} lab hosts`] : []),
  ].join(", ")} · left out: ${leftOut.join("; ") || "nothing"}${failures.length > 0 ? ` · failed: ${failures.join(", ")}` : ""}`,
);
console.log(`${passed} passed, ${broken} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`);

const incomplete = process.env["CI"] === "true" && leftOut.length > 0;
if (incomplete) console.error("in CI nothing may be left out");
process.exitCode = broken > 0 || failures.length > 0 || incomplete ? 1 : 0;

function report(project: string): VitestReport | undefined {
  const file = join(folder, `${project}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as VitestReport) : undefined;
}

function testsOf(report: VitestReport | undefined, where = "") {
  return (report?.testResults ?? []).filter((file) => file.name.includes(where)).flatMap((file) => file.assertionResults);
}

/** A file that broke before its first test counts as one failure. */
function filesThatDidNotRun(): number {
  const files = Object.values(reports).flatMap((one) => one?.testResults ?? []);
  return files.filter((file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"))
    .length;
}

function notes(name: string): readonly string[] {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}
