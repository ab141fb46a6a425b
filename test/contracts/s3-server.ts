import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { memoryFolder } from "./memory-folder.ts";

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  /** Where it keeps what it was given. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const S3RVER = fileURLToPath(import.meta.resolve("s3rver/bin/s3rver.js"));

/**
 * A server for S3 that knows one user and one bucket, and checks signatures. In a process of its own: its tokens for
 * the pages of a listing are made with a cipher that OpenSSL has only when asked for.
 */
export async function startS3(): Promise<S3Server> {
  const directory = await memoryFolder("tend-s3-");
  const bucket = "backups";
  const options = [
    "--directory",
    directory,
    "--address",
    "127.0.0.1",
    "--port",
    "0",
    "--configure-bucket",
    bucket,
    "--no-vhost-buckets",
    "--silent",
  ];
  const server = spawn(process.execPath, ["--openssl-legacy-provider", "--no-warnings", S3RVER, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (chunk) => {
      said += chunk;
      const found = /listening on \S+:(\d+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    gone.then(() => reject(new Error(`the S3 server ended: ${said}`)));
  });
  server.stdout.resume();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    directory,
    env: { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" },
    async close() {
      server.kill("SIGKILL");
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
