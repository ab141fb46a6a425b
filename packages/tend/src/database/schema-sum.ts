import { sh } from "../transport/argv.ts";

/** Lines of about.jsonl on stdin to the schema's fingerprint: see Manifest.schema. */
export const SCHEMA_SUM = sh`grep '^{"object"' | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1`;
