import type { ReleasedImage, ReleaseEvent } from "../../journal/events.ts";
import { liveRelease, stateOf } from "../../journal/releases.ts";
import { recordOfData } from "../../migrate/part.ts";
import { schemaCheck } from "../../migrate/schema-check.ts";
import { short } from "../../observe/git.ts";
import { envFiles } from "../../observe/place.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { Draft, Drafting, Place, RollbackData } from "../runtime.ts";
import { inLive, keepersOf } from "./commands.ts";
import { nextRelease, recordFound } from "./found.ts";
import { retagUndo } from "./images.ts";
import { configurationFiles, keptFile, record, releaseFolder } from "./keep.ts";
import { type ComposeFacts, declaredServices, runFolder } from "./look.ts";
import { moves, proxyLine, servicesLine, strategyText, tellProxies } from "./moves.ts";
import { called, compose, keptImage } from "./place.ts";
import { planPower } from "./power.ts";
import { refuseUnlessReady } from "./preflight.ts";
import { publicProbes, publicWatch } from "./public.ts";
import { backCommands } from "./source-git.ts";

/** An older release's code, images, compose files and env file, brought back; no registry is asked. */
export function planRollback(place: Place, facts: ComposeFacts, context: Drafting, to: ReleaseEvent, data: RollbackData): Draft {
  const { app, host } = place;
  const git = app.source.kind === "git" ? app.source : undefined;
  const movesCode = git && to.code && to.code.commit !== facts.code?.head;
  refuseUnlessReady(place, facts, { moving: Boolean(movesCode) });
  const services = declaredServices(place, facts.config).filter((service) => to.images[service.compose]);
  const refs = Object.fromEntries(Object.entries(to.images).map(([service, image]) => [service, image.ref]));
  const keepers = keepersOf(place, facts, context.run);
  const restored = data.kind === "restored" ? data.parts : [];
  const stopped = restored.length > 0;
  const swaps = moves(place, facts, context, services, { forceRecreate: false, images: refs, stopped });
  const schema = schemaCheck(place, to, keepers, data);
  const stop = stopped ? planPower(place, facts, "stop", []).steps : [];
  const found = recordFound(place, facts, context, declaredServices(place, facts.config));
  const release = nextRelease(facts) + found.length;
  const images = bringImages(
    place,
    facts,
    to,
    services.map((service) => service.compose),
  );
  const files = bringFiles(place, facts, context, to);
  const code = movesCode && to.code ? bringCode(facts, git.branch, to.code.commit) : undefined;
  const live = liveRelease(facts);
  return {
    title: `roll ${app.name} on ${host.name} back to release ${to.release}`,
    summary: [
      {
        label: "release",
        text: `${live?.release ?? "none"} → ${release}, which is ${stateOf(to)} again (${to.at.slice(0, 16).replace("T", " ")} UTC by ${to.by})`,
      },
      ...(to.code
        ? [
            {
              label: "code",
              text: `${short(facts.code?.head ?? "")} → ${short(to.code.commit)}${to.code.subject ? `: ${to.code.subject}` : ""}`,
            },
          ]
        : []),
      { label: "images", text: images.text },
      { label: "config", text: files.text },
      servicesLine(swaps, (move) => `${strategyText(move.strategy)}${move.guard ? " if it changed" : ""}`),
      ...proxyLine(place, facts, swaps),
      schema.line,
    ],
    steps: [
      ...found,
      ...schema.steps,
      ...images.fetch,
      ...restored.flatMap((parts) => parts.prepare),
      ...stop,
      ...restored.flatMap((parts) => parts.swap),
      ...(code ? [code.step] : []),
      ...files.steps,
      ...images.steps,
      ...swaps.flatMap((move) => move.swap.steps),
      ...(stopped ? tellProxies(place, facts, services) : []),
      ...publicProbes(place, facts, swaps),
      record(place, facts, context, {
        id: "record",
        title: `record release ${release}`,
        because: `it is release ${stateOf(to)} again`,
        release,
        operation: "rollback",
        by: context.by,
        of: stateOf(to),
        code: to.code,
        tags: to.tags,
        images: refs,
        phase: "finish",
        data: recordOfData(place, keepers, { live: (argv) => inLive(place, facts, app.migrate?.service, argv) }),
      }),
      ...restored.flatMap((parts) => parts.finish),
    ],
    undo: [
      ...(code ? [code.undo] : []),
      ...files.undo,
      ...images.undo,
      ...restored.flatMap((parts) => parts.undo),
      ...swaps.flatMap((move) => move.swap.undo),
      ...(stopped ? startAgain(place, facts) : []),
    ],
    watch: swaps.flatMap((move) => (move.strategy.kind === "start" ? [] : (publicWatch(place, move.service) ?? []))),
    outcome: `release ${release} of ${app.name} is live: it is ${stateOf(to)} again`,
    undoneBy: live ? `tend rollback ${app.name} --to ${live.release}${stopped ? " --with-data" : ""}` : undefined,
  };
}

/** For a failure between the stop and the first new container. */
function startAgain(place: Place, facts: ComposeFacts): readonly Undo[] {
  const start = planPower(place, facts, "start", []).steps.filter((step) => step.action.kind === "exec");
  return start.map((step) => ({ of: "stop", title: `${step.title} again`, action: step.action as Undo["action"] }));
}

function bringCode(facts: ComposeFacts, branch: string, commit: string): { readonly step: Step; readonly undo: Undo } {
  const { code } = facts;
  return {
    step: {
      id: "checkout",
      title: `check out ${short(commit)}`,
      because: "the release's code",
      effect: "changes",
      phase: "switch",
      action: exec([["git", "checkout", "--quiet", "--detach", commit]], { cwd: facts.path }),
      fails: { id: "code.gone", title: `commit ${short(commit)} is not in the checkout any more` },
    },
    undo: {
      of: "checkout",
      title: `back to ${short(code?.head ?? "")}`,
      action: exec(backCommands(code?.branch, branch, code?.head ?? "HEAD"), { cwd: facts.path }),
    },
  };
}

interface Brought {
  readonly steps: readonly Step[];
  readonly undo: readonly Undo[];
}

function bringImages(
  place: Place,
  facts: ComposeFacts,
  to: ReleaseEvent,
  services: readonly string[],
): Brought & { readonly fetch: readonly Step[]; readonly text: string } {
  const { app } = place;
  const kept = (service: string) => facts.kept[`${service.toLowerCase()}:${to.release}`] !== undefined;
  const lost = services.filter((service) => !kept(service));
  const rebuilt = lost.filter((service) => facts.config?.services.get(service)?.built);
  const pulled = lost.filter((service) => !rebuilt.includes(service));
  const byName = services.filter((service) => !rebuilt.includes(service) && !to.images[service]?.ref.includes("@"));
  const former = Object.fromEntries(
    byName.flatMap((service) => {
      const ref = to.images[service]?.ref as string;
      const id = facts.images[ref];
      return id ? [[service, { ref, id }]] : [];
    }),
  );
  const names = (some: readonly string[]) => some.map((name) => called(app, name)).join(", ");
  const gone = (verb: string) => ({
    id: "release.images-gone",
    title: `${names(lost)} of release ${to.release}: the images are no longer on the host and can't be ${verb}`,
  });
  return {
    text:
      lost.length === 0
        ? "kept on the host: no registry is asked"
        : `${names(lost)}: no longer kept on the host, ${pulled.length > 0 ? "fetched" : "built"} again`,
    fetch:
      pulled.length === 0
        ? []
        : [
            {
              id: "images-again",
              title: `fetch ${names(pulled)} of release ${to.release}`,
              because: "somebody removed them, or they are older than the releases that are kept",
              effect: "changes",
              phase: "prepare",
              interruptible: true,
              action: exec(pulled.map((service) => fetchAgain(to, service, keptImage(app, service, to.release)))),
              fails: { ...gone("pulled"), exit: "refused", images: pulled.map((service) => to.images[service]?.ref as string) },
            },
          ],
    steps: [
      ...(byName.length > 0
        ? [
            {
              id: "images",
              title: `images of release ${to.release}`,
              because: "the names that the compose file uses mean them again",
              effect: "changes" as const,
              phase: "switch" as const,
              action: exec(
                byName.map((service) =>
                  command(["docker", "tag", keptImage(app, service, to.release), to.images[service]?.ref as string]),
                ),
              ),
            },
          ]
        : []),
      ...(rebuilt.length > 0
        ? [
            {
              id: "build-again",
              title: `build ${names(rebuilt)} of release ${to.release}`,
              because: "the images are no longer kept on the host",
              effect: "changes" as const,
              phase: "switch" as const,
              interruptible: true,
              action: exec([compose(app, "build", ...rebuilt)], { cwd: facts.path }),
              fails: gone("built"),
            },
          ]
        : []),
    ],
    undo: [...retagUndo("images", former)],
  };
}

/** The very image that was released: by its id if another name still holds it, else by its digest; a tag may have moved. */
function fetchAgain(to: ReleaseEvent, service: string, kept: string): Script {
  const { ref, id, digests } = to.images[service] as ReleasedImage;
  const from = digests?.[0] ?? ref;
  return sh`docker tag ${id} ${kept} 2>/dev/null || { docker pull --quiet ${from} && docker tag ${from} ${kept}; }`;
}

/**
 * The release's own compose and env files. With a git source the checkout has brought the compose files back already.
 * Where the project has services of other apps too, their part of the shared files isn't ours: only our tags go back.
 */
function bringFiles(place: Place, facts: ComposeFacts, context: Drafting, to: ReleaseEvent): Brought & { readonly text: string } {
  const { app } = place;
  const own = new Set(declaredServices(place, facts.config).map((service) => service.compose as string));
  const shared = [...(facts.config?.services.keys() ?? [])].some((name) => !own.has(name));
  const backup = `${runFolder(facts, context.run)}/before`;
  if (shared && app.source.kind === "images") {
    const values = tagsOf(place, to);
    const file = facts.envFiles[0];
    if (Object.keys(values).length === 0 || !file)
      return { steps: [], undo: [], text: "stays as it is: the files are shared with other services" };
    const path = file.startsWith("/") ? file : `${facts.path}/${file}`;
    return {
      text: `${Object.keys(values).join(", ")} in ${file}; the rest of it is shared with other services and stays`,
      steps: [
        {
          id: "config",
          title: `tags of release ${to.release}`,
          because: "the env file is shared with other services: only the app's own tags go back",
          effect: "changes",
          phase: "switch",
          action: { kind: "set", path, values, backup },
        },
      ],
      undo: [
        { of: "config", title: `${file} as it was`, action: exec([sh`if [ -f ${backup} ]; then cat ${backup} >${path}; fi`]) },
      ],
    };
  }
  const files = app.source.kind === "git" ? envFiles(app) : configurationFiles(place, facts);
  const folder = releaseFolder(place, facts, to.release);
  return {
    text: `${files.join(", ")} of release ${to.release}`,
    steps: [
      {
        id: "config",
        title: `configuration of release ${to.release}`,
        because: "an image may not work with another release's settings",
        effect: "changes",
        phase: "switch",
        action: exec(
          [
            sh`umask 077; mkdir -p ${backup}`,
            ...files.map((file, at) => replaceFile(`${folder}/${keptFile(file)}`, file, `${backup}/${at}`)),
          ],
          {
            cwd: facts.path,
          },
        ),
      },
    ],
    undo: [
      {
        of: "config",
        title: "the configuration as it was",
        action: exec(
          files.map((file, at) => sh`if [ -f ${`${backup}/${at}`} ]; then cat ${`${backup}/${at}`} >${file}; fi`),
          { cwd: facts.path },
        ),
      },
    ],
  };
}

/** The app's own tags at that release; one that the env file didn't name then is told by its image. */
function tagsOf(place: Place, to: ReleaseEvent): Readonly<Record<string, string>> {
  const { source, services } = place.app;
  if (source.kind !== "images") return {};
  return Object.fromEntries(
    services.flatMap((service) => {
      const name = source.tags.get(service.name);
      const ref = to.images[service.compose]?.ref;
      const tag = (name && to.tags?.[name]) ?? (ref && /^[^@]*:([\w.-]+)$/.exec(ref)?.[1]);
      return name && tag ? [[name, tag]] : [];
    }),
  );
}

/** The file's own mode and owner stay: only its text goes back. */
function replaceFile(kept: string, file: string, backup: string): Script {
  return sh`if [ -f ${kept} ] && [ "$(cat ${kept})" != "$(cat ${file} 2>/dev/null)" ]; then
  [ ! -f ${file} ] || [ -f ${backup} ] || { cp ${file} ${`${backup}.copy`} && mv ${`${backup}.copy`} ${backup}; } || exit 1
  cat ${kept} >${file}
fi`;
}
