import { z } from "zod";
import { path, section } from "../values.ts";

const RECIPIENT = "an age recipient: age1 and at least 58 of qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** X25519, and what carries its kind in the name: pq, tag, tagpq. Other plugins' recipients need a program of their own. */
const PATTERN = /^age1(?:(?:pq|tag|tagpq)1)?[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58,4000}$/;

/** Whoever reads the declaration could open every backup. What it is, is said nowhere. */
function refuseIdentity(given: string, context: z.core.$RefinementCtx<string>, expected: string): boolean {
  if (!/AGE-(?:SECRET-KEY|PLUGIN)-/i.test(given)) return false;
  context.addIssue({ code: "custom", message: expected, params: { says: "a secret age identity" } });
  return true;
}

const recipient = z.string({ error: RECIPIENT }).transform((given, context): string => {
  if (refuseIdentity(given, context, "its recipient, age1…, which age-keygen -y prints")) return z.NEVER;
  if (PATTERN.test(given)) return given;
  context.addIssue({ code: "custom", message: RECIPIENT });
  return z.NEVER;
});

const recipients = z
  .union([recipient, z.array(recipient, { error: "a list of recipients" }).min(1, { error: "at least one recipient" })], {
    error: "an age recipient, or a list of them",
  })
  .transform((given): readonly string[] => (typeof given === "string" ? [given] : [...new Set(given)]));

const FILE = "the path of a file with the identity in it";

const identity = path.transform((given, context): string => {
  return refuseIdentity(given, context, FILE) ? z.NEVER : given;
});

const ENCRYPT = "an age recipient, or a map with to";

export const encrypt = z.union(
  [
    recipient.transform((one) => ({ recipients: [one], identity: undefined })),
    section(ENCRYPT, {
      to: recipients.describe("The age recipient (age1…), or a list of them: any one of their identities opens a backup."),
      identity: identity
        .optional()
        .describe("The file with the age identity on the machine that tend runs on: needed to open a backup, not to make one."),
    }).transform(({ to, identity }) => ({ recipients: to, identity })),
  ],
  { error: ENCRYPT },
);
