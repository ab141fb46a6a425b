import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The names of the engine's networks. */
export const networks = hostPart<readonly string[]>({
  script: () => sh`docker network ls --format '{{.Name}}'`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with status ${exit}`);
    return stdout.split("\n").filter(Boolean);
  },
});
