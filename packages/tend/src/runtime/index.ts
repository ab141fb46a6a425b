import type { RuntimeKind } from "../model/fleet.ts";
import { composeRuntime } from "./compose/index.ts";
import { processRuntime } from "./process/index.ts";
import type { Runtime } from "./runtime.ts";

/** Everything that can run an app. A new one is a folder here, one line, and the contract test. */
export const runtimes: Readonly<Record<RuntimeKind, Runtime>> = { compose: composeRuntime, process: processRuntime };
