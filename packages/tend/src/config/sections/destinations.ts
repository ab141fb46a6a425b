import { z } from "zod";
import type { Destination } from "../../model/data.ts";
import { address, section, text } from "../values.ts";

const ANY = "a folder on the host, here:FOLDER or s3://BUCKET/PREFIX";
const CREDENTIALS = "neither key nor password: they are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
const S3 = "a bucket and a prefix, such as backups-home/prod";
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and what a key carries unencoded. */
const BUCKET_AND_PREFIX =
  /^(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?<prefix>(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9!_.*'()=+-]{1,200}){0,20})\/?$/;

type S3Place = Pick<Extract<Destination, { kind: "s3" }>, "kind" | "bucket" | "prefix">;
type Context = z.core.$RefinementCtx<string>;

/** One that is written in a line. */
const place = z.string({ error: ANY }).transform((given, context): Destination => {
  const [, scheme = "", rest = given] = /^([A-Za-z][A-Za-z0-9+.@_-]*):(.*)$/s.exec(given) ?? [];
  if (scheme === "here") return { kind: "here", folder: folderOf(rest, context, "here:FOLDER, such as here:./backups") };
  if (scheme === "s3" && rest.startsWith("//")) return s3Of(rest.slice(2), context, "s3://BUCKET/PREFIX", true);
  if (scheme !== "") return refuse(context, ANY);
  return { kind: "host", folder: folderOf(given, context, ANY) };
});

/** `~anna/x` is somebody else's home to a shell, and a strange folder to everything else. */
function folderOf(given: string, context: Context, expected: string): string {
  return /^(?!-)(?!~[^/])[^\n\r\t]{1,1000}$/.test(given) ? given : refuse(context, expected);
}

function s3Of(given: string, context: Context, expected: string, isAddress = false): S3Place {
  if (given.includes("@")) return refuse(context, CREDENTIALS, "a destination with credentials");
  if (isAddress && given.includes("?"))
    return refuse(context, `${expected} alone; a map has the rest: { s3: BUCKET/PREFIX, endpoint: URL, region: NAME }`);
  const found = BUCKET_AND_PREFIX.exec(given)?.groups;
  if (!found) return refuse(context, expected);
  return { kind: "s3", bucket: found.bucket ?? "", prefix: (found.prefix ?? "").slice(1) };
}

function refuse(context: Context, message: string, says?: string): never {
  context.addIssue({ code: "custom", message, params: { says } });
  return z.NEVER;
}

const s3 = section(`${ANY}, or a map with s3`, {
  s3: z
    .string({ error: S3 })
    .transform((given, context) => s3Of(given, context, S3))
    .describe("The bucket, and a prefix in it: BUCKET/PREFIX."),
  endpoint: address("an https:// or http:// address without a password, such as https://s3.example")
    .optional()
    .describe("The store's address. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or Amazon's own for the region."),
  region: text("a region, such as eu-north-1", /^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional()
    .describe("Its region. Default: AWS_REGION, or us-east-1."),
}).transform(({ s3, endpoint, region }): Destination => ({ ...s3, endpoint: endpoint?.href, region }));

const LIST = `${ANY}, or a list of them`;

export const destinations = z
  .union(
    [
      place,
      s3,
      z
        .array(z.union([place, s3], { error: `${ANY}, or a map with s3` }), { error: LIST })
        .min(1, { error: "at least one destination" }),
    ],
    { error: LIST },
  )
  .transform((given): readonly Destination[] => ("kind" in given ? [given] : given));
