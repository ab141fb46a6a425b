import type { z } from "zod";
import { longDuration, section } from "../values.ts";
import { destinations } from "./destinations.ts";
import { encrypt } from "./encrypt.ts";
import { keep } from "./keep.ts";

export const backups = section("a map with to, keep, encrypt or stale", {
  to: destinations
    .prefault("~/backups")
    .describe(
      "Where each backup goes, all of them: a folder on the host, here:FOLDER on the machine that tend runs on, s3://BUCKET/PREFIX, or a map for another S3 store. Default: ~/backups.",
    ),
  keep: keep.prefault("all").describe("Which backups are kept: all, or so many of each. Default: all."),
  encrypt: encrypt
    .optional()
    .describe("For whom backups are encrypted with age: a recipient, or a map. Default: they are kept in clear."),
  stale: longDuration
    .prefault("26h")
    .check(({ value, issues }) => {
      if (value <= 0) issues.push({ code: "custom", message: "more than 0", input: value });
    })
    .describe("How old the newest backup may get until status says so, in seconds. Default: 26h."),
})
  .transform(({ encrypt, ...rest }) => ({
    ...rest,
    recipients: encrypt?.recipients ?? [],
    identity: encrypt?.identity,
  }))
  .describe("Where backups of the databases and files go, and how long they stay.");

export type DeclaredBackups = z.output<typeof backups>;
