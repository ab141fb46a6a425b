import { readFile, stat } from "node:fs/promises";
import type { SecretPlace } from "../model/dns.ts";
import { Failure } from "../model/failure.ts";
import { Secret } from "../transport/secret.ts";

/** Takes a secret from where it is. A file that others may read is refused, as ssh does. */
export async function secretFrom(place: SecretPlace, what: string): Promise<Secret> {
  if ("env" in place) {
    const value = process.env[place.env];
    if (!value) throw missing(`${what} is to be in $${place.env}, which isn't set`, `export ${place.env}=…`);
    return new Secret(value);
  }
  const { file } = place;
  const mode = await stat(file).then(
    (seen) => seen.mode & 0o077,
    (error: NodeJS.ErrnoException) => Promise.reject(missing(`${what} is to be in ${file}, which can't be read: ${error.code}`)),
  );
  if (mode !== 0) throw missing(`${file} has ${what}, and others may read it`, `chmod 600 ${file}`);
  const value = (await readFile(file, "utf8")).trim();
  if (value === "") throw missing(`${what} is to be in ${file}, which is empty`);
  return new Secret(value);
}

function missing(title: string, help?: string): Failure {
  return new Failure({ id: "dns.secret", exit: "refused", title, changed: "nothing", help });
}
