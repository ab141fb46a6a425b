import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What needs a lab or a sshd stands in file-name order: a story that is read, and a failure that is found again. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ordered = files.filter(onHosts).sort((one, other) => one.moduleId.localeCompare(other.moduleId));
    return [...(await super.sort(files.filter((file) => !onHosts(file)))), ...ordered];
  }
}

function onHosts(file: TestSpecification): boolean {
  return file.project.name === "hosts";
}

/** Contracts over a sshd, in the lab, or with processes that take their time: they share the machine's ports and hosts. */
const CONTRACTS_ON_HOSTS = ["ssh", "lab", "runtime"].map((what) => `test/contracts/*${what}*.test.ts`);

/** What walks through thousands of cases, or kills and waits: worth its minutes before a merge, not at every change. */
const THOROUGH = [
  "packages/tend/src/resume-run.test.ts",
  "packages/tend/src/{config,contract}/fuzz.test.ts",
  "packages/tend/src/database/sqlite/{take,tool,swap,killed,under-writers}.test.ts",
  "packages/tend/src/operations/edge/tls/standalone.test.ts",
  "test/{backup-*,canary}.test.ts",
  "test/contracts/{dns,shells,store-s3}.test.ts",
];

export default defineConfig({
  test: {
    sequence: { sequencer: InOrder },
    globalSetup: "test/bundle.ts",
    projects: [
      {
        test: {
          name: "fast",
          include: [
            "packages/*/src/**/*.test.ts",
            "examples/*/**/*.test.ts",
            "lab/**/*.test.ts",
            "test/*.test.ts",
            "test/contracts/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...CONTRACTS_ON_HOSTS, ...THOROUGH],
          testTimeout: 60_000,
          // Many of them wait for a shell or a clock more than they work.
          maxWorkers: 3,
        },
      },
      { test: { name: "thorough", include: THOROUGH, testTimeout: 120_000, maxWorkers: 3 } },
      {
        test: {
          name: "hosts",
          include: ["test/scenarios/**/*.test.ts", ...CONTRACTS_ON_HOSTS],
          // A worker for each host of the lab: worker 1 has h1, worker 2 has h2, and so on (test/lab/lab.ts).
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
