import { EXIT, type ExitName } from "../model/failure.ts";

const MEANINGS: Readonly<Record<ExitName, string>> = {
  ok: "done, or nothing to do",
  failed: "it failed; what was serving before is serving again, unless the error says otherwise",
  usage: "the command line or the declaration is wrong; nothing was changed",
  findings: "`check --live`, `backup verify` or `db diff` found something",
  approval: "a severe plan asks for a name, and nobody has said it: `--confirm`; nothing was changed",
  refused: "something stands in the way; nothing that users see was changed",
  locked: "somebody else is at work on the app; the error says who",
  unreachable: "the host, or Docker on it, doesn't answer",
  resumable: "the run stands in the middle (the connection is gone, or the host broke off): `tend resume APP`",
  interrupted: "Ctrl-C: what was begun has been taken back",
};

/** Every exit code and what it promises. */
export const EXITS: readonly { readonly name: ExitName; readonly code: number; readonly means: string }[] = (
  Object.entries(EXIT) as [ExitName, number][]
).map(([name, code]) => ({ name, code, means: MEANINGS[name] }));
