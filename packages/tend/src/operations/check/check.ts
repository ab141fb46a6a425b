import { asFailure, look } from "../../carry-out.ts";
import type { Failure } from "../../model/failure.ts";
import { defineOperation } from "../../operation.ts";
import { flag, someApps } from "../../params.ts";
import type { Place } from "../../runtime/runtime.ts";
import { newRunId, type Session } from "../../session.ts";
import { contractLines, exitOf, hold } from "./contract.ts";

interface Checked {
  readonly app: string;
  readonly host: string;
  readonly problem?: {
    readonly id: string;
    readonly title: string;
    readonly evidence: readonly string[];
    readonly help?: string;
  };
}

export const check = defineOperation({
  kind: "report",
  name: "check",
  summary: "Check the declaration, and with --live the hosts against it",
  details: `Offline: the file alone. With --live: whether a deploy would be refused, and why; nothing is changed. With --contract: the compose
files against the app's contract, or the default one where none is declared; beside the declaration, by what stands in them, and with --live
on the host, as Compose resolves them. Exits 3 with findings, 1 where compose files could not be read.`,
  effect: "reads",
  params: { apps: someApps(), live: flag("ask the hosts too"), contract: flag("hold the compose files against the contract") },
  examples: [
    { command: "tend check", explains: "in CI, before a commit" },
    { command: "tend check --live", explains: "whether every app could be deployed now" },
    { command: "tend check --contract", explains: "in CI, of the repository that has the compose files" },
  ],
  async report(session, input) {
    const fleet = await session.fleet();
    const places = await session.places(input.apps);
    const said = `${fleet.file}: ${places.length} ${places.length === 1 ? "app" : "apps"} on ${new Set(places.map((place) => place.host.name)).size} host(s): the declaration is right`;
    const contracts = input.contract ? await Promise.all(places.map((place) => hold(session, place, input.live))) : undefined;
    const told = contracts ? { lines: contractLines(contracts, input.live), exit: exitOf(contracts) } : { lines: [], exit: 0 };
    if (!input.live) {
      const data = { file: fleet.file, apps: places.map((place) => place.app.name), findings: [], contracts };
      return { data, lines: [said, ...told.lines], exit: told.exit };
    }
    const checked = await Promise.all(places.map((place) => checkLive(session, place)));
    const findings = checked.filter((one) => one.problem);
    return {
      data: { file: fleet.file, checked, findings, contracts },
      lines: [said, ...checked.flatMap(checkedLines), ...told.lines],
      exit: findings.length > 0 ? 3 : told.exit,
    };
  },
});

/** Makes the plan of a deploy and throws it away: what it would be refused for is what is wrong. */
async function checkLive(session: Session, place: Place): Promise<Checked> {
  const here = { app: place.app.name, host: place.host.name };
  try {
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    situation.deploy({ run: newRunId(), now: new Date(), by: session.by }, { only: [], forceRecreate: false });
    return here;
  } catch (error) {
    const failure: Failure = asFailure(error);
    return {
      ...here,
      problem: { id: failure.id, title: failure.message, evidence: failure.parts.evidence ?? [], help: failure.parts.help },
    };
  }
}

function checkedLines({ app, host, problem }: Checked): readonly string[] {
  if (!problem) return [`✔ ${app} on ${host}`];
  return [
    `✖ ${app} on ${host}: ${problem.title} [${problem.id}]`,
    ...problem.evidence.map((line) => `    ${line}`),
    ...(problem.help ? [`    help  ${problem.help}`] : []),
  ];
}
