import { z } from "zod";
import { section, text } from "../values.ts";

const day = z
  .string({ error: "a day, such as 2027-03-31" })
  .refine((given) => /^\d{4}-\d{2}-\d{2}$/.test(given) && !Number.isNaN(Date.parse(given)), {
    error: "a day, such as 2027-03-31",
  })
  .meta({ format: "date" });

const ignored = section("a map with check, because and until", {
  check: text("a check's id, such as host.reboot.pending", /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/).describe(
    "The check's id; `tend doctor --list` has them all.",
  ),
  on: text("a subject, such as hemma/skriptoteket/web", /^[^\n\r\t]{1,300}$/)
    .optional()
    .describe("What it is found on, as doctor says it: hemma/skriptoteket/web, or the end of it. Default: wherever it is found."),
  because: text("a reason", /^.{3,500}$/).describe("Why that is all right."),
  until: day.describe("The last day on which it is ignored: nothing is ignored for ever."),
});

export const doctor = section("a map with ignore", {
  ignore: z
    .array(ignored, { error: "a list of what is ignored" })
    .optional()
    .describe("Findings that are known and all right for now. They are counted, and told again after their day."),
}).describe("What `tend doctor` should know.");
