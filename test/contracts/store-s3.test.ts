import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openS3 } from "../../packages/tend/src/backup/destination/s3.ts";
import { s3Account } from "../../packages/tend/src/backup/destination/s3-account.ts";
import { S3Client } from "../../packages/tend/src/backup/destination/s3-client.ts";
import { startS3 } from "./s3-server.ts";
import { storeContract } from "./store.ts";

storeContract("S3", async () => {
  const server = await startS3();
  const destination = { kind: "s3", bucket: server.bucket, prefix: "deep/er", endpoint: server.endpoint } as const;
  const client = new S3Client(s3Account(destination, "s3", server.env), "s3");
  return {
    store: openS3(destination, "s3://backups/deep/er", server.env),
    async litter(path, text) {
      await client.ask({ method: "PUT", key: `deep/er/${path}`, body: Buffer.from(text) });
    },
    async plant(app, names, manifest) {
      for (const name of names) {
        const folder = join(server.directory, server.bucket, "deep/er", app, name);
        mkdirSync(folder, { recursive: true });
        for (const [file, text] of Object.entries({ "manifest.json": manifest, "data.dump": "abc" })) {
          writeFileSync(join(folder, `${file}._S3rver_object`), text);
          writeFileSync(join(folder, `${file}._S3rver_object.md5`), "0".repeat(32));
        }
      }
    },
    close: () => server.close(),
  };
});
