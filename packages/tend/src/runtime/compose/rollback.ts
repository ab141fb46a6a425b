import type { ReleaseEvent } from "../../journal/events.ts";
import { liveRelease, stateOf } from "../../journal/releases.ts";
import { short } from "../../observe/git.ts";
import { envFiles } from "../../observe/place.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { Draft, Drafting, Place } from "../runtime.ts";
import { backCommands } from "./deploy.ts";
import { configurationFiles, keptFile, record, releaseFolder } from "./keep.ts";
import { type ComposeFacts, declaredServices, runFolder } from "./look.ts";
import * as parts from "./parts.ts";
import { compose, keptImage } from "./place.ts";
import { refuseUnlessReady } from "./preflight.ts";

/** An older release's code, images, compose files and env file, brought back; no registry is asked. */
export function planRollback(place: Place, facts: ComposeFacts, context: Drafting, to: ReleaseEvent): Draft {
  const { app, host } = place;
  const git = app.source.kind === "git" ? app.source : undefined;
  const movesCode = git && to.code && to.code.commit !== facts.code?.head;
  refuseUnlessReady(place, facts, { moving: Boolean(movesCode) });
  const services = declaredServices(place, facts.config).filter((service) => to.images[service.compose]);
  const refs = Object.fromEntries(Object.entries(to.images).map(([service, image]) => [service, image.ref]));
  const swaps = parts.moves(place, facts, context, services, { forceRecreate: false, images: refs });
  const found = parts.recordFound(place, facts, context, declaredServices(place, facts.config));
  const release = parts.nextRelease(facts) + found.length;
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
      { label: "config", text: files.text },
      parts.servicesLine(swaps, (move) => `${parts.strategyText(move.strategy)} if it changed`),
      { label: "data", text: "stays as it is" },
    ],
    steps: [
      ...found,
      ...(code ? [code.step] : []),
      ...files.steps,
      ...images.steps,
      ...swaps.flatMap((move) => move.swap.steps),
      ...parts.publicProbes(place, swaps),
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
      }),
    ],
    undo: [...(code ? [code.undo] : []), ...files.undo, ...images.undo, ...swaps.flatMap((move) => move.swap.undo)],
    watch: swaps.flatMap((move) => (move.strategy.kind === "start" ? [] : (parts.publicWatch(place, move.service) ?? []))),
    undoneBy: live ? `tend rollback ${app.name} --to ${live.release}` : undefined,
  };
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

function bringImages(place: Place, facts: ComposeFacts, to: ReleaseEvent, services: readonly string[]): Brought {
  const { app } = place;
  const kept = (service: string) => facts.kept[`${service.toLowerCase()}:${to.release}`] !== undefined;
  const lost = services.filter((service) => !kept(service));
  const byName = services.filter((service) => kept(service) && !to.images[service]?.ref.includes("@"));
  const former = Object.fromEntries(
    byName.flatMap((service) => {
      const ref = to.images[service]?.ref as string;
      const id = facts.images[ref];
      return id ? [[service, { ref, id }]] : [];
    }),
  );
  const tag = byName.map((service) =>
    command(["docker", "tag", keptImage(app, service, to.release), to.images[service]?.ref as string]),
  );
  const rebuilt = lost.filter((service) => facts.config?.services.get(service)?.built);
  const pulled = lost.filter((service) => !facts.config?.services.get(service)?.built);
  return {
    steps: [
      ...(tag.length > 0
        ? [
            {
              id: "images",
              title: `images of release ${to.release}`,
              because: "they are kept on the host: no registry is needed",
              effect: "changes" as const,
              phase: "switch" as const,
              action: exec(tag),
            },
          ]
        : []),
      ...(lost.length > 0
        ? [
            {
              id: "images-again",
              title: `${lost.join(", ")}: built or pulled anew`,
              because: `the images of release ${to.release} are no longer kept on the host`,
              effect: "changes" as const,
              phase: "switch" as const,
              interruptible: true,
              action: exec(
                [
                  ...(rebuilt.length > 0 ? [compose(app, "build", ...rebuilt)] : []),
                  ...(pulled.length > 0 ? [compose(app, "pull", "--quiet", ...pulled)] : []),
                ],
                { cwd: facts.path },
              ),
              fails: { id: "release.images-gone", title: `the images of release ${to.release} can't be had any more` },
            },
          ]
        : []),
    ],
    undo: [...parts.retagUndo("images", former)],
  };
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
    const values = to.tags ?? {};
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

/** The file's own mode and owner stay: only its text goes back. */
function replaceFile(kept: string, file: string, backup: string): Script {
  return sh`if [ -f ${kept} ] && [ "$(cat ${kept})" != "$(cat ${file} 2>/dev/null)" ]; then [ ! -f ${file} ] || cp ${file} ${backup}; cat ${kept} >${file}; fi`;
}
