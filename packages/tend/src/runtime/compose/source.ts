import type { Service } from "../../model/fleet.ts";
import type { Step, SummaryLine, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command } from "../../transport/argv.ts";
import type { Place } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { called, composeArgv } from "./place.ts";

/** Where a release's code or images come from, as parts of a plan. */
export interface SourcePart {
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

export function pullStep(
  place: Place,
  facts: ComposeFacts,
  services: readonly string[],
  tags: Readonly<Record<string, string>>,
): Step {
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

export function dockerDisk(facts: ComposeFacts): string | undefined {
  return facts.disks.find((disk) => disk.of === "docker")?.mount;
}
