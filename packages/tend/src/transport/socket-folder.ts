import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A unix socket's path has 104 to 108 bytes, of which ssh takes some 20 for a temporary name. */
const LONGEST = 60;

/** A new folder that only this user can enter, with a path short enough for ssh's control socket. */
export async function socketFolder(): Promise<string> {
  const places = [process.env.XDG_RUNTIME_DIR, tmpdir()].filter((place) => place && place.length <= LONGEST);
  for (const place of places) {
    try {
      return await mkdtemp(join(place ?? "", "tend-"));
    } catch {
      // XDG_RUNTIME_DIR outlives its folder under su and cron: the next place, then
    }
  }
  return mkdtemp("/tmp/tend-");
}
