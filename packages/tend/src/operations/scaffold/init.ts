import { access, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, relative, resolve } from "node:path";
import { accepted } from "../../init/accept.ts";
import { askHost } from "../../init/ask-host.ts";
import { readFolder } from "../../init/folder.ts";
import type { Found } from "../../init/found.ts";
import { plainName } from "../../init/names.ts";
import { propose } from "../../init/propose.ts";
import { summaryLines } from "../../init/tell.ts";
import { Failure } from "../../model/failure.ts";
import type { Host } from "../../model/fleet.ts";
import { type HostName, hostName } from "../../model/names.ts";
import { defineOperation } from "../../operation.ts";
import { flag, text, usage } from "../../params.ts";
import type { Session } from "../../session.ts";

export const init = defineOperation({
  kind: "report",
  name: "init",
  summary: "Write a first declaration of what runs on a host, or of the compose files here",
  details:
    "With --host or --local, what runs there is looked at in two round trips: compose projects, the proxy and its routes, databases, volumes, checkouts. Nothing on the host changes, and no password is written down. Without either, the compose files of this folder are read. What had to be guessed says so in the file; what was left out is told with the reason.",
  effect: "reads",
  params: {
    host: text("alias", "a name from ~/.ssh/config, or user@host: what runs there"),
    local: flag("what runs on this machine"),
    dryRun: flag("print the declaration, and write nothing"),
    force: flag("write over a declaration that is there"),
  },
  examples: [
    { command: "tend init --host hemma", explains: "what already runs on a server, as a tend.yaml here" },
    { command: "tend init --local --dry-run", explains: "what runs on this machine, printed" },
    { command: "tend init", explains: "the compose files of this folder" },
  ],
  async report(session, input) {
    if (input.host !== undefined && input.local) throw usage("--host and --local exclude each other");
    const file = resolve(session.options.cwd, session.options.file ?? "tend.yaml");
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere && !input.force && !input.dryRun) throw alreadyThere(relative(session.options.cwd, file) || file);
    const found = await find(session, input.host, input.local);
    const proposed = propose(found, input.host ?? (input.local ? hostname() : basename(session.options.cwd)));
    const { text, proposal } = accepted(proposed, headOf(found), file);
    if (!input.dryRun) await writeFile(file, text, { flag: input.force ? "w" : "wx" });
    const data = {
      file,
      written: !input.dryRun,
      apps: proposal.apps.map(({ name, guesses, left }) => ({ name, guesses, left })),
      left: proposal.left,
      declaration: text,
    };
    if (input.dryRun) return { data, lines: [text.trimEnd()] };
    const next =
      found.where.kind === "unknown" ? "say in it which host and path are meant, then: tend check --live" : "tend check --live";
    return {
      data,
      lines: [...summaryLines(found, proposal), `wrote     ${relative(session.options.cwd, file)}`, `next      ${next}`],
    };
  },
});

async function find(session: Session, alias: string | undefined, local: boolean): Promise<Found> {
  if (alias !== undefined) {
    if (!/^[A-Za-z0-9_:[][A-Za-z0-9_.@:%[\]/-]{0,254}$/.test(alias))
      throw usage(`"${alias}" can't be a name from ~/.ssh/config, or user@host`);
    const host: Host = { name: nameOf(alias), reach: { kind: "ssh", aliases: [alias] } };
    return askHost(await session.transport(host), host, { kind: "ssh", alias });
  }
  const here: Host = { name: nameOf(hostname()), reach: { kind: "local" } };
  const transport = await session.transport(here);
  if (local) return askHost(transport, here, { kind: "local", name: hostname() });
  const found = await readFolder(session.options.cwd, transport);
  if (!found) throw nothingHere(session.options.cwd, "there is no compose file here");
  if (found.projects.every(({ services, idle }) => services.length + idle.length === 0))
    throw nothingHere(session.options.cwd, "no service can be read from the compose files here", found.troubles);
  return found;
}

function nameOf(text: string): HostName {
  return hostName.parse(plainName(text, "server")) as HostName;
}

function headOf(found: Found): string {
  const from =
    found.where.kind === "unknown"
      ? "the compose files beside it"
      : `what runs on ${found.where.kind === "ssh" ? found.where.alias : "this machine"}`;
  return `Begun by tend init from ${from}. What was guessed says so: look there first.`;
}

function alreadyThere(file: string): Failure {
  return new Failure({
    id: "init.exists",
    exit: "refused",
    title: `there is a ${file} already`,
    why: "what you have written in it would be lost",
    changed: "nothing",
    help: "tend init --dry-run shows what would be written; --force writes over it",
  });
}

function nothingHere(folder: string, title: string, evidence: readonly string[] = []): Failure {
  return new Failure({
    id: "init.nothing",
    exit: "refused",
    title,
    where: folder,
    evidence: evidence.slice(0, 5),
    changed: "nothing",
    help: "tend init --host NAME looks at what runs on a host of your ~/.ssh/config; --local, at this machine",
  });
}
