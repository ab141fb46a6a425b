import { cases, container } from "../../testing.ts";
import { unhealthy } from "./unhealthy.ts";

cases(unhealthy, {
  good: {
    "still starting": {
      containers: container("skriptoteket-web", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } })),
    },
  },
  bad: {
    "its probe fails": {
      seen: {
        containers: container("skriptoteket-web", () => ({
          health: {
            Status: "unhealthy",
            FailingStreak: 4,
            Log: [{ Start: "2026-11-20T10:00:00Z", ExitCode: 1, Output: "connect ECONNREFUSED 127.0.0.1:8000" }],
          },
        })),
      },
      on: "hemma/skriptoteket/web",
      says: "ECONNREFUSED",
    },
  },
  unmeasurable: {
    "the engine refuses": {
      containers: { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" },
    },
  },
});
