import { asFailure, look } from "../../carry-out.ts";
import type { Failure } from "../../model/failure.ts";
import { defineOperation } from "../../operation.ts";
import { flag, someApps } from "../../params.ts";
import type { Place } from "../../runtime/runtime.ts";
import { newRunId, type Session } from "../../session.ts";

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
  details:
    "Offline: the file alone. With --live: whether a deploy would be refused, and why; nothing is changed. Exits 3 with findings.",
  effect: "reads",
  params: { apps: someApps(), live: flag("ask the hosts too") },
  examples: [
    { command: "tend check", explains: "in CI, before a commit" },
    { command: "tend check --live", explains: "whether every app could be deployed now" },
  ],
  async report(session, input) {
    const fleet = await session.fleet();
    const places = await session.places(input.apps);
    const said = `${fleet.file}: ${places.length} ${places.length === 1 ? "app" : "apps"} on ${new Set(places.map((place) => place.host.name)).size} host(s): the declaration is right`;
    if (!input.live)
      return { data: { file: fleet.file, apps: places.map((place) => place.app.name), findings: [] }, lines: [said] };
    const checked = await Promise.all(places.map((place) => checkLive(session, place)));
    const findings = checked.filter((one) => one.problem);
    return {
      data: { file: fleet.file, checked, findings },
      lines: [said, ...checked.flatMap(checkedLines)],
      exit: findings.length > 0 ? 3 : 0,
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
