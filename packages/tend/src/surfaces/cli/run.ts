import { asFailure, carryOut } from "../../carry-out.ts";
import { EXIT, type Failure } from "../../model/failure.ts";
import { type Executed, isExecuted, type Operation, type StreamOutput } from "../../operation.ts";
import type { Inputs, Params } from "../../params.ts";
import { failureLines } from "../../render/failure.ts";
import { failureJson, JsonRenderer } from "../../render/json.ts";
import { paintFor, plain } from "../../render/paint.ts";
import { LineRenderer } from "../../render/progress.ts";
import { Session } from "../../session.ts";
import { approve } from "./approve.ts";

export interface Globals {
  readonly file?: string;
  readonly environment?: string;
  readonly json?: boolean;
  readonly color?: boolean;
  readonly dryRun?: boolean;
  /** The name that a severe plan asks for. */
  readonly confirm?: string;
}

/** Runs one operation with what was understood from the command line; answers the exit code. */
export async function runOperation(
  operation: Operation,
  input: Inputs<Params>,
  globals: Globals,
  signal: AbortSignal,
): Promise<number> {
  const session = new Session({ cwd: process.cwd(), file: globals.file, environment: globals.environment, signal });
  try {
    return await byKind(session, operation, input, globals);
  } catch (error) {
    const failure = asFailure(error);
    printFailure(failure, globals.json ?? false);
    return EXIT[failure.parts.exit];
  } finally {
    await session.close();
  }
}

async function byKind(session: Session, operation: Operation, input: Inputs<Params>, globals: Globals): Promise<number> {
  if (isExecuted(operation)) return executed(session, operation, input, globals);
  switch (operation.kind) {
    case "report": {
      if (operation.acts && input[operation.acts.flag]) return byKind(session, operation.acts.operation, input, globals);
      const report = await operation.report(session, input);
      const text = globals.json
        ? JSON.stringify({ v: 1, type: operation.name, ...(report.data as object) })
        : report.lines.join("\n");
      process.stdout.write(`${text}\n`);
      return report.exit ?? EXIT.ok;
    }
    case "stream":
      return operation.stream(session, input, output(globals));
  }
}

async function executed(session: Session, operation: Executed, input: Inputs<Params>, globals: Globals): Promise<number> {
  const dryRun = globals.dryRun ?? false;
  const paint = globals.color === false ? plain : paintFor(process.stdout);
  const many = operation.targets(input, await session.fleet()).length > 1;
  const json = globals.json ? new JsonRenderer(process.stdout) : undefined;
  const renderer = json ?? new LineRenderer(process.stdout, paint, { dryRun, many });
  try {
    const failures = await carryOut(session, operation, input, {
      dryRun,
      on: (progress) => renderer.show(progress),
      approve: (stakes) => approve(stakes, globals.confirm, json === undefined, session.signal),
    });
    let exit = exitOf(failures, session.signal?.aborted ?? false);
    if (exit === EXIT.ok && !dryRun && operation.kind !== "resumed")
      exit = (await operation.afterwards?.(session, input, output(globals))) ?? exit;
    json?.result(exit, failures, await session.counters());
    return exit;
  } finally {
    renderer.close();
  }
}

function output(globals: Globals): StreamOutput {
  return {
    json: globals.json ?? false,
    tty: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    write: (line) => process.stdout.write(`${line}\n`),
  };
}

/** One failure's own code; of several, that of the gravest kind is no better than "failed". */
function exitOf(failures: readonly Failure[], interrupted: boolean): number {
  if (interrupted) return EXIT.interrupted;
  const codes = new Set(failures.map((failure) => EXIT[failure.parts.exit]));
  if (codes.size === 0) return EXIT.ok;
  return codes.size === 1 ? ([...codes][0] as number) : EXIT.failed;
}

export function printFailure(failure: Failure, json: boolean): void {
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ v: 1, type: "result", exit: EXIT[failure.parts.exit], failures: [failureJson(failure)] })}\n`,
    );
    return;
  }
  // A declaration's problems come with their own lines and carets.
  const own = (failure as { readonly text?: unknown }).text;
  const lines = typeof own === "string" ? [own] : failureLines(failure.parts, paintFor(process.stderr));
  process.stderr.write(`${lines.join("\n")}\n`);
}
