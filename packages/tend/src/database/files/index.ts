import type { Files } from "../../model/data.ts";
import { sh } from "../../transport/argv.ts";
import type { Engine } from "../engine.ts";
import { drill, type FilesFacts, filesProbe, refuse, replace } from "./replacement.ts";
import { take } from "./take.ts";

/** Plain files, in a folder of the host or in a volume: as tar. */
export const files: Engine<Files, FilesFacts> = {
  kind: "files",
  payload: "data.tar",
  take,
  check: () => sh`tar -tf - >/dev/null`,
  look: filesProbe,
  refuse,
  replace,
  drill,
};
