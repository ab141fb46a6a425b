import type { Destination } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";

export type S3Destination = Extract<Destination, { readonly kind: "s3" }>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a bucket is, and who asks for it. */
export interface S3Account {
  /** The bucket's own URL: path style where an endpoint is given, as every implementation but Amazon's wants it. */
  readonly bucket: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** From the variables that every tool for S3 reads; they are nowhere in the declaration. */
export function s3Account(destination: S3Destination, text: string, env: Environment): S3Account {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  const missing = [accessKeyId ? [] : "AWS_ACCESS_KEY_ID", secretAccessKey ? [] : "AWS_SECRET_ACCESS_KEY"].flat();
  if (!accessKeyId || !secretAccessKey) {
    throw new Failure({
      id: "destination.denied",
      title: `there are no credentials for the backups' destination ${text}`,
      exit: "failed",
      where: text,
      why: `${missing.join(" and ")} ${missing.length === 1 ? "isn't" : "aren't"} set`,
      help: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the command, and AWS_SESSION_TOKEN if there is one",
    });
  }
  const region = destination.region ?? env["AWS_REGION"] ?? "us-east-1";
  return {
    bucket: bucketUrl(destination, text, region, env),
    region,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
  };
}

function bucketUrl({ bucket, endpoint }: S3Destination, text: string, region: string, env: Environment): URL {
  const given = endpoint ?? (env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"]);
  // A bucket with dots has no certificate in Amazon's host style.
  if (!given && !bucket.includes(".")) return new URL(`https://${bucket}.s3.${region}.amazonaws.com/`);
  const base = given ?? `https://s3.${region}.amazonaws.com`;
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new Failure({
      id: "destination.failed",
      title: `the endpoint of the backups' destination ${text} is no URL`,
      exit: "failed",
      where: text,
      help: "AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL are such as https://s3.example.net",
    });
  }
  const url = new URL(base);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}/`;
  return url;
}
