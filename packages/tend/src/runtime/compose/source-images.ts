import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import { envFiles } from "../../observe/place.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { sh } from "../../transport/argv.ts";
import type { Drafting, Place, Wanted } from "../runtime.ts";
import { retagUndo } from "./images.ts";
import { type ComposeFacts, runFolder } from "./look.ts";
import { compose } from "./place.ts";
import { dockerDisk, pullStep, type SourcePart } from "./source.ts";

export function fromRegistry(
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
        : retagUndo("pull", former)),
    ],
    verb: () => "",
  };
}
