import type { Failure } from "../model/failure.ts";
import { hostName } from "../model/names.ts";
import type { ExecAction, ProbeAction } from "../plan/plan.ts";
import { LocalTransport } from "../transport/local.ts";
import type { Transport } from "../transport/transport.ts";
import { actionScript } from "./host-script.ts";
import { type Answer, describe, isExpected, request } from "./request.ts";

/** What a step that is done on this machine came to; `text` explains a failure. */
export interface Outcome {
  readonly ok: boolean;
  readonly text: string;
  /** It went well, because there was nothing to do: why. */
  readonly nothing?: string;
  /** Where more is known than the text says. */
  readonly failure?: Failure;
}

/** Commands on this machine: a build whose image is pushed. */
export async function doHere(action: ExecAction, signal: AbortSignal | undefined): Promise<Outcome> {
  const local = new LocalTransport(hostName.parse("here") as NonNullable<ReturnType<typeof hostName.parse>>);
  try {
    const output = await local.run(actionScript(action), { signal });
    return { ok: output.exit === 0, text: `${output.stdout}\n${output.stderr}` };
  } finally {
    await local.close();
  }
}

const PAUSE_MS = 250;

/** Asks until the answer is the expected one, or the deadline has passed. */
export async function probeUntil(action: ProbeAction, transport: Transport, signal: AbortSignal | undefined): Promise<Outcome> {
  const { target, deadline } = action;
  const end = performance.now() + deadline * 1000;
  let answer: Answer;
  do {
    answer = await ask(action, transport);
    if (isExpected(answer, target.status)) return { ok: true, text: "" };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (performance.now() < end && !signal?.aborted);
  return { ok: false, text: `error: GET ${target.url} was answered: ${describe(answer)} (after ${deadline} s of asking)` };
}

async function ask({ target }: ProbeAction, transport: Transport): Promise<Answer> {
  if (!target.fromHost) return request(target, { timeout: 10_000 });
  const address = await transport.run(target.fromHost.address);
  const [host, port] = address.stdout.trim().split(/\s+/);
  if (!host || !port) return { kind: "none", reason: address.stderr.trim() || "it has no address" };
  try {
    const socket = await transport.connect({ host, port: Number(port) });
    return await request(target, { timeout: 10_000, socket });
  } catch (error) {
    return { kind: "none", reason: error instanceof Error ? error.message : String(error) };
  }
}
