import { doStoreAction } from "../../backup/act.ts";
import type { Entry } from "../../backup/catalogue.ts";
import { choose, collect } from "../../backup/collect.ts";
import { verifyStep } from "../../backup/source.ts";
import { look } from "../../carry-out.ts";
import { firstErrors } from "../../execute/evidence.ts";
import { actionScript } from "../../execute/host-script.ts";
import { destinationText } from "../../model/data.ts";
import { prelude } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { app, position } from "../../params.ts";
import { isStoreAction } from "../../plan/plan.ts";
import type { Place, Situation } from "../../runtime/runtime.ts";
import { lines } from "../../transport/argv.ts";
import type { Transport } from "../../transport/transport.ts";

interface Verified {
  readonly backup: string;
  readonly at: string;
  readonly ok: boolean;
  readonly reason?: string;
}

export const verify = defineOperation({
  kind: "report",
  name: "backup verify",
  summary: "Read backups whole from where they are kept, against their manifests",
  details: `Every byte of every copy is read and summed up; what can be opened here is opened to its end. Exits 3 when a copy
is not whole. Only a drill proves that a backup restores.`,
  effect: "reads",
  params: { app: app(), backup: position("backup", "one backup, or the end of its name; all of them when none is named") },
  examples: [
    { command: "tend backup verify skriptoteket", explains: "all backups, in every place that keeps them" },
    { command: "tend backup verify skriptoteket 7f3a", explains: "the one whose name ends so" },
  ],
  async report(session, input) {
    const place = await session.place(input.app);
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    const collected = await collect(place, transport);
    const chosen = input.backup === undefined ? collected.entries : [choose(place, collected, undefined, input.backup)];
    const verified: Verified[] = [];
    for (const entry of chosen) verified.push(...(await verifyCopies(place, situation, transport, entry)));
    const broken = verified.filter(({ ok }) => !ok);
    return {
      data: { app: place.app.name, host: place.host.name, verified },
      lines: [
        ...verified.map(({ backup, at, ok, reason }) => (ok ? `✔ ${backup}  ${at}` : `✖ ${backup}  ${at}: ${reason}`)),
        verified.length === 0
          ? `${place.app.name} has no backups yet: tend backup ${place.app.name}`
          : `${verified.length - broken.length} of ${verified.length} copies are whole`,
        ...collected.silent.map(({ at, failure }) => `✖ ${at} can't be asked: ${failure.parts.evidence?.[0] ?? failure.message}`),
      ],
      exit: broken.length > 0 ? 3 : collected.silent.length > 0 ? 7 : 0,
    };
  },
});

async function verifyCopies(
  place: Place,
  situation: Situation,
  transport: Transport,
  entry: Entry,
): Promise<readonly Verified[]> {
  const verified: Verified[] = [];
  for (const copy of entry.copies) {
    const said = { backup: entry.name, at: copy.at };
    const from = place.app.backups.to.find((to) => destinationText(to) === copy.at);
    const subject = [...place.app.databases, ...place.app.files].find((one) => one.name === entry.subject);
    if (copy.state === "broken" || !from)
      verified.push({ ...said, ok: false, reason: copy.state === "broken" ? copy.reason : "" });
    else if (!subject) verified.push({ ...said, ok: false, reason: `"${entry.subject}" isn't declared any more` });
    else {
      const { action } = verifyStep(place, { manifest: copy.manifest, from }, subject, situation.keepers("verify"));
      const reason = isStoreAction(action)
        ? storeTrouble(await doStoreAction(action, transport, undefined))
        : action.kind === "exec"
          ? await hostTrouble(place, transport, action)
          : undefined;
      verified.push({ ...said, ok: reason === undefined, reason });
    }
  }
  return verified;
}

function storeTrouble(outcome: Awaited<ReturnType<typeof doStoreAction>>): string | undefined {
  return outcome.ok ? undefined : (outcome.failure?.message ?? firstErrors(outcome.text)[0] ?? "it is not whole");
}

async function hostTrouble(
  place: Place,
  transport: Transport,
  action: Parameters<typeof actionScript>[0],
): Promise<string | undefined> {
  const output = await transport.run(lines([prelude(place.host), actionScript(action)]));
  return output.exit === 0 ? undefined : (firstErrors(`${output.stdout}\n${output.stderr}`)[0] ?? "it is not whole");
}
