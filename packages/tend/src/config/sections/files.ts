import type { z } from "zod";
import { subjectName } from "../../model/names.ts";
import { either, mapOf, named, section, text, volumeName } from "../values.ts";

/** Not a whole machine, nor all that somebody has on it: it is replaced as a whole when it is restored. */
const folder = text("a folder of its own, such as ~/apps/web/uploads", /^(?!-)(?!\/+$|~\/*$)[^\n\r\t]{1,1000}$/);

const kept = section("a map with volume or path", {
  volume: volumeName.optional().describe("A named volume, as Docker calls it or as the compose file does."),
  path: folder.optional().describe("A folder on the host: absolute, ~/… or, on a local host, relative to this file."),
})
  .check(either("volume", "path", "one of volume: NAME or path: FOLDER"))
  .meta({ oneOf: [{ required: ["volume"] }, { required: ["path"] }] });

export type DeclaredFiles = z.output<typeof kept>;

export const files = mapOf(named<"subject">(subjectName), kept, "a map of files").describe(
  "What the app keeps in files, by name: volumes or folders that tend backs up, and restores.",
);
