import { liveRelease } from "../../journal/releases.ts";
import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import { short } from "../../observe/git.ts";
import { envFiles } from "../../observe/place.ts";
import type { Step, SummaryLine, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import type { DeployInput, Draft, Drafting, Place, Wanted } from "../runtime.ts";
import { record } from "./keep.ts";
import { type ComposeFacts, declaredServices, runFolder } from "./look.ts";
import * as parts from "./parts.ts";
import { called, compose, composeArgv } from "./place.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";

/** The next release, from what the host is now to what is wanted: fetched or pulled first, switched last. */
export function planDeploy(place: Place, wanted: Wanted, facts: ComposeFacts, context: Drafting, input: DeployInput): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: true });
  const services = chosenServices(place, facts, input.only);
  const all = declaredServices(place, facts.config);
  const source =
    app.source.kind === "git" ? fromGit(place, wanted, facts, services) : fromRegistry(place, wanted, facts, context, services);
  const swaps = parts.moves(place, facts, context, services, {
    forceRecreate: input.forceRecreate,
    unconditional: source.reconfigures,
  });
  const live = liveRelease(facts);
  const drift = parts.driftOf({ ...facts, head: facts.code?.head }, app);
  const strays = all.flatMap((service) => parts.leftovers(facts, service));
  const down = services.some((service) => service.role !== "one-off" && parts.running(facts, service).length === 0);
  if (live && !source.moves && drift.length === 0 && strays.length === 0 && !down && !input.forceRecreate) {
    return {
      title: "",
      summary: [],
      steps: [],
      undo: [],
      watch: [],
      nothing: `release ${live.release} is live and is ${source.text}`,
    };
  }
  const found = parts.recordFound(place, facts, context, all);
  const release = parts.nextRelease(facts) + found.length;
  const finish = record(place, facts, context, {
    id: "record",
    title: `record release ${release}`,
    because: "so that it can be brought back",
    release,
    operation: "deploy",
    by: context.by,
    code: source.code,
    tags: { ...facts.tags, ...source.tags },
    ...parts.releasedImages(facts, all, services),
    phase: "finish",
    writes: source.writes,
    guard: source.differs ? undefined : parts.anyChanged(swaps),
  });
  const from = live
    ? `release ${live.release} → ${release}${found.length > 0 ? `; what runs now is recorded as ${release - 1} before` : ""}`
    : found.length > 0
      ? `release ${release}, the first by tend`
      : `release ${release}, the first`;
  return {
    title: `deploy ${app.name} on ${host.name} → ${source.text}`,
    summary: [
      { label: "release", text: from },
      ...source.summary,
      parts.servicesLine(
        swaps,
        (move) => `${source.verb(move.service)}${parts.strategyText(move.strategy)}${move.guard ? " if it changed" : ""}`,
      ),
      ...parts.proxyLine(place, facts, swaps),
      ...(drift.length > 0 ? [{ label: "found", text: drift.join("; ") }] : []),
    ],
    steps: [
      ...found,
      ...source.prepare,
      ...source.enter,
      ...parts.startNeeded(place, facts, services),
      ...swaps.flatMap((move) => move.swap.steps),
      ...parts.publicProbes(place, facts, swaps),
      finish,
    ],
    undo: [...source.undo, ...swaps.flatMap((move) => move.swap.undo)],
    watch: swaps.flatMap((move) => (move.strategy.kind === "start" ? [] : (parts.publicWatch(place, move.service) ?? []))),
    outcome: `release ${release} of ${app.name} is live`,
    undoneBy: live || found.length > 0 ? `tend rollback ${app.name}` : undefined,
  };
}

/** Where a release's code or images come from, as parts of a plan. */
interface SourcePart {
  /** For people: `main 8d04e7b`. */
  readonly text: string;
  readonly summary: readonly SummaryLine[];
  /** Something may differ from what is there: it has to be looked at. */
  readonly moves: boolean;
  /** Something is known to differ: it makes a release even where no container is replaced. */
  readonly differs: boolean;
  /** The service's configuration is known to differ. */
  reconfigures(service: Service): boolean;
  readonly prepare: readonly Step[];
  /** What belongs to the switch: the pinned tags. */
  readonly enter: readonly Step[];
  readonly undo: readonly Undo[];
  readonly code?: { readonly commit: string; readonly branch?: string; readonly subject?: string };
  readonly tags?: Readonly<Record<string, string>>;
  /** Files of the app that it makes or changes. */
  readonly writes?: readonly string[];
  verb(service: Service): string;
}

function fromGit(place: Place, wanted: Wanted, facts: ComposeFacts, services: readonly Service[]): SourcePart {
  const { source } = place.app;
  const code = facts.code;
  if (source.kind !== "git" || !code?.target) throw new Error("a git source was planned without its facts");
  const { target } = code;
  if (wanted.tag) {
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `--tag: ${place.app.name} is built from git and has no image tag to pin`,
      help: `tend deploy ${place.app.name} --ref ${wanted.tag}`,
    });
  }
  if (target.behind > 0 && !wanted.ref) {
    throw new Failure({
      id: "code.diverged",
      exit: "refused",
      title: `the checkout has ${target.behind} ${target.behind === 1 ? "commit" : "commits"} that origin's ${source.branch} hasn't`,
      where: `${place.host.name} · ${place.app.name} · ${facts.path}`,
      evidence: [`HEAD ${short(code.head)} ${code.subject}`, `origin/${source.branch} ${short(target.commit)} ${target.subject}`],
      changed: "nothing",
      help: `push them, or deploy a commit by name: tend deploy ${place.app.name} --ref ${short(target.commit)}`,
    });
  }
  const moving = target.commit !== code.head;
  const built = services
    .filter((service) => facts.config?.services.get(service.compose)?.built)
    .map((service) => service.compose);
  const pulled = services
    .filter((service) => !facts.config?.services.get(service.compose)?.built)
    .map((service) => service.compose);
  const builtNames = built.map((name) => called(place.app, name)).join(", ");
  const former = Object.fromEntries(
    built.flatMap((name) => {
      const ref = facts.config?.services.get(name)?.image as string;
      const id = facts.images[ref];
      return id ? [[name, { ref, id }]] : [];
    }),
  );
  const live = liveRelease(facts);
  const at = `${wanted.ref && wanted.ref !== source.branch ? "" : `${source.branch} `}${short(target.commit)}`;
  const checkout: Step = {
    id: "checkout",
    title: `check out ${short(target.commit)}`,
    because: `${target.ahead} new ${target.ahead === 1 ? "commit" : "commits"}${target.behind > 0 ? `, ${target.behind} taken back` : ""}`,
    effect: "changes",
    phase: "prepare",
    action: exec(checkoutCommands(source.branch, code.branch, target.commit, Boolean(wanted.ref)), { cwd: facts.path }),
  };
  const build: Step = {
    id: "build",
    title: `build ${builtNames}`,
    because: moving ? "its code changed" : "the image may not be that of the checkout",
    effect: "changes",
    phase: "prepare",
    interruptible: true,
    action: exec([compose(place.app, "build", ...built)], { cwd: facts.path }),
    fails: {
      id: "build.failed",
      title: `${builtNames} of ${short(target.commit)} can't be built`,
      disk: dockerDisk(facts),
    },
  };
  const stale = moving || live?.code?.commit !== target.commit || built.some((name) => !former[name]);
  return {
    text: at,
    code: { commit: target.commit, branch: wanted.ref ? undefined : source.branch, subject: target.subject },
    moves: moving || live?.code?.commit !== target.commit,
    differs: moving || live?.code?.commit !== target.commit,
    reconfigures: () => false,
    summary: [
      {
        label: "code",
        text: moving
          ? `${code.branch ?? "detached"} ${short(code.head)} → ${short(target.commit)}, ${countCommits(target.ahead, target.behind)}: ${target.subject}`
          : `${at}, as it is checked out: ${target.subject}`,
      },
    ],
    prepare: [
      ...(moving ? [checkout] : []),
      ...(pulled.length > 0 ? [pullStep(place, facts, pulled, {})] : []),
      ...(built.length > 0 && stale ? [build] : []),
    ],
    enter: [],
    undo: [
      ...(moving
        ? [
            {
              of: "checkout",
              title: `back to ${short(code.head)}`,
              action: exec(backCommands(code.branch, source.branch, code.head), { cwd: facts.path }),
            },
          ]
        : []),
      ...(built.length > 0 && stale ? parts.retagUndo("build", former) : []),
    ],
    verb: (service) => (built.includes(service.compose) && stale ? "rebuilt, " : ""),
  };
}

function checkoutCommands(branch: string, current: string | undefined, target: string, byName: boolean): readonly Script[] {
  if (byName) return [command(["git", "checkout", "--quiet", "--detach", target])];
  return [
    command(["git", "fetch", "--quiet", "origin", branch]),
    ...(current === branch ? [] : [command(["git", "checkout", "--quiet", branch])]),
    command(["git", "merge", "--quiet", "--ff-only", target]),
  ];
}

/** `--keep` refuses to lose what somebody wrote in the meantime. */
export function backCommands(current: string | undefined, branch: string, head: string): readonly Script[] {
  if (!current) return [command(["git", "checkout", "--quiet", "--detach", head])];
  return [
    ...(current === branch ? [] : [command(["git", "checkout", "--quiet", current])]),
    command(["git", "reset", "--quiet", "--keep", head]),
  ];
}

function fromRegistry(
  place: Place,
  wanted: Wanted,
  facts: ComposeFacts,
  context: Drafting,
  services: readonly Service[],
): SourcePart {
  const { app } = place;
  if (app.source.kind !== "images") throw new Error("an image source was planned for another");
  const names = [
    ...new Set(services.flatMap((service) => (app.source.kind === "images" ? (app.source.tags.get(service.name) ?? []) : []))),
  ];
  if (wanted.tag && names.length === 0) {
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `--tag: tend doesn't know which variable holds the tag of ${app.name}'s images`,
      help: `declare it: apps.${app.name}.source.tag: { env: NAME }`,
    });
  }
  const tag = wanted.tag;
  const tags = tag ? Object.fromEntries(names.map((name) => [name, tag])) : {};
  const changing = Object.entries(tags).some(([name, value]) => facts.tags[name] !== value);
  const file = facts.envFiles[0] ?? envFiles(app)[0] ?? ".env";
  const path = file.startsWith("/") ? file : `${facts.path}/${file}`;
  const backup = `${runFolder(facts, context.run)}/before-pin`;
  const pulled = services.map((service) => service.compose).filter((name) => !facts.config?.services.get(name)?.built);
  const built = services.map((service) => service.compose).filter((name) => facts.config?.services.get(name)?.built);
  const refs = services.map((service) => facts.config?.services.get(service.compose)?.image).filter((ref) => ref !== undefined);
  const pin: Step = {
    id: "pin",
    title: `pin ${names.join(", ")} to ${tag}`,
    because: "the compose file takes the images' tag from there",
    effect: "changes",
    phase: "switch",
    action: { kind: "set", path, values: tags, backup },
  };
  const former = Object.fromEntries(
    services.flatMap((service) => {
      const ref = facts.config?.services.get(service.compose)?.image;
      const id = ref && facts.images[ref];
      return ref && id ? [[service.compose, { ref, id }]] : [];
    }),
  );
  return {
    text: tag ?? [...new Set(refs)].join(", "),
    moves: changing || (!tag && refs.length > 0),
    differs: changing,
    reconfigures: (service) => {
      const name = app.source.kind === "images" ? app.source.tags.get(service.name) : undefined;
      return name !== undefined && tag !== undefined && facts.tags[name] !== tag;
    },
    tags,
    summary: [
      {
        label: "images",
        text: changing
          ? names
              .filter((name) => facts.tags[name] !== tag)
              .map((name) => `${name} ${facts.tags[name] ?? "unset"} → ${tag}`)
              .join(", ")
          : [...new Set(refs)].join(", "),
      },
    ],
    prepare: [
      ...(pulled.length > 0 ? [pullStep(place, facts, pulled, tags)] : []),
      ...(built.length > 0
        ? [
            {
              id: "build",
              title: `build ${built.join(", ")}`,
              because: "the compose file builds it",
              effect: "changes" as const,
              phase: "prepare" as const,
              interruptible: true,
              action: exec([compose(app, "build", ...built)], { cwd: facts.path }),
              fails: { id: "build.failed", title: `${built.join(", ")} can't be built`, disk: dockerDisk(facts) },
            },
          ]
        : []),
    ],
    enter: changing ? [pin] : [],
    undo: [
      ...(changing
        ? [
            {
              of: "pin",
              title: `${names.join(", ")} as before`,
              action: exec([
                sh`if [ -f ${backup} ]; then cat ${backup} >${path}; elif [ -f ${`${backup}.none`} ]; then rm -f ${path}; fi`,
              ]),
            },
          ]
        : parts.retagUndo("pull", former)),
    ],
    verb: () => "",
  };
}

function pullStep(place: Place, facts: ComposeFacts, services: readonly string[], tags: Readonly<Record<string, string>>): Step {
  const names = services.map((name) => called(place.app, name)).join(", ");
  return {
    id: "pull",
    title: `pull ${names}`,
    because: "before anything stops, so that a registry's refusal costs nothing",
    effect: "changes",
    phase: "prepare",
    interruptible: true,
    action: exec([command([...composeArgv(place.app), "pull", "--quiet", ...services], tags)], { cwd: facts.path }),
    fails: {
      id: "registry.pull",
      title: `the images of ${names} can't be pulled`,
      exit: "refused",
      images: services.flatMap((name) => facts.config?.services.get(name)?.image ?? []),
      disk: dockerDisk(facts),
    },
  };
}

function countCommits(ahead: number, behind: number): string {
  const forward = `${ahead} ${ahead === 1 ? "commit" : "commits"}`;
  return behind > 0 ? `${forward} forward and ${behind} back` : forward;
}

function dockerDisk(facts: ComposeFacts): string | undefined {
  return facts.disks.find((disk) => disk.of === "docker")?.mount;
}
