import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Before all tests: the bundle that tests start as a user does is made of the source as it is now. */
export default function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, "../packages/tend/build.ts")], { stdio: "inherit" });
}
