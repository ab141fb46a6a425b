import { judgeHere, type Unread } from "../../contract/here.ts";
import type { Judgement } from "../../contract/judge.ts";
import { contractScript, judgeAnswer, readAnswers, readTools, toolsScript, toolsWanted } from "../../contract/live.ts";
import { clean } from "../../execute/evidence.ts";
import { redact } from "../../execute/redact.ts";
import { DEFAULT_CONTRACT } from "../../model/contract.ts";
import { observe, probe } from "../../observe/observe.ts";
import { appKey, prelude } from "../../observe/place.ts";
import { judgementLines } from "../../render/contract.ts";
import type { Place } from "../../runtime/runtime.ts";
import type { Session } from "../../session.ts";

/** `without`: why there is nothing to hold it against. */
export type ContractHeld = { readonly app: string } & (Judgement | Unread | { readonly without: string });

/** Holds an app's compose files against its contract: those beside the declaration, or with `live` the host's. */
export async function hold(session: Session, place: Place, live: boolean): Promise<ContractHeld> {
  const { app, fleet } = place;
  if (app.runtime !== "compose") return { app: app.name, without: "it has no compose files" };
  const contract = app.contract ?? DEFAULT_CONTRACT;
  if (Object.keys(contract.rules).length === 0) return { app: app.name, without: "it declares that it has none" };
  const judgement = live ? await holdLive(session, place, contract) : judgeHere(fleet, app, contract, session.options.cwd);
  return { app: app.name, ...("unread" in judgement ? { unread: redact(clean(judgement.unread)) } : judgement) };
}

async function holdLive(session: Session, { app, fleet, host }: Place, contract: typeof DEFAULT_CONTRACT) {
  const transport = await session.transport(host);
  const first = prelude(host);
  const asked = await observe(transport, first, { contract: probe(contractScript(app), (seen) => seen.stdout) });
  const answer = readAnswers(asked.contract).get(appKey(app));
  if (!answer) return { unread: `${host.name} didn't answer` };
  const wanted = contract.rules.healthcheck ? toolsWanted(answer) : new Map();
  const tools =
    wanted.size > 0
      ? await observe(transport, first, { tools: probe(toolsScript(app, wanted), (seen) => readTools(seen.stdout)) })
      : undefined;
  return judgeAnswer({ fleet, app, contract }, answer, tools?.tools);
}

/** 3 with a finding above information; 1 where something could not be read, so that nobody takes silence for success. */
export function exitOf(all: readonly ContractHeld[]): number {
  if (all.some((one) => "breaches" in one && one.breaches.some(({ severity }) => severity !== "info"))) return 3;
  return all.some((one) => "unread" in one) ? 1 : 0;
}

export function contractLines(all: readonly ContractHeld[], live: boolean): readonly string[] {
  const open = !live && all.some((one) => "unread" in one || ("unknown" in one && one.unknown.length > 0));
  const told = all.flatMap((one) => {
    if ("unread" in one) return [`? ${one.app}: its contract can't be told: ${one.unread}`];
    return "without" in one ? [`· ${one.app} is held to no contract: ${one.without}`] : judgementLines(one.app, one);
  });
  return open ? [...told, "what isn't known here, the host may tell: tend check --contract --live"] : told;
}
