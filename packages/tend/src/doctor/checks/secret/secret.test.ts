import { expect, test } from "vitest";
import { cases, container, judged } from "../../testing.ts";
import { secretMode } from "./mode.ts";
import { secretTracked } from "./tracked.ts";

const OPEN = "file\nopen skriptoteket 644 env yes /home/anna/apps/skriptoteket/.env\n";

cases(secretMode, {
  good: {},
  bad: {
    "an env file that everybody can read": {
      seen: { secrets: OPEN },
      on: "hemma/skriptoteket/.env",
      says: "can read /home/anna/apps/skriptoteket/.env",
    },
    "the proxy's certificates": {
      seen: { secrets: "file\nopen infrastructure 640 key no /srv/infrastructure/acme.json\n" },
      on: "hemma/infrastructure/acme.json",
      says: "a private key",
    },
  },
  unmeasurable: { "git hangs on a dead network drive": { secrets: { exit: 124, stdout: "" } } },
});

test("a file that a container reads from outside is a person's: its mode is the container's matter too", () => {
  const mounted = container("skriptoteket-web", () => ({
    mounts: [{ Type: "bind", Source: "/home/anna/apps/skriptoteket", Destination: "/app", RW: true }],
  }));
  const classOf = (changes: Parameters<typeof judged>[1]) => judged(secretMode, changes).findings[0]?.fix.class;
  expect(classOf({ secrets: OPEN })).toBe("safe");
  expect(classOf({ secrets: OPEN, containers: mounted })).toBe("person");
  expect(classOf({ secrets: OPEN.replace("env yes", "env no") })).toBe("person");
});

cases(secretTracked, {
  good: {},
  bad: {
    "a password": {
      seen: {
        secrets: "file\ntracked skriptoteket deploy/prod.env 3: DB_PASSWORD\ntracked skriptoteket deploy/prod.env 9: API_TOKEN\n",
      },
      on: "hemma/skriptoteket/deploy/prod.env",
      says: "line 9: API_TOKEN",
    },
    "a private key": {
      seen: { secrets: "file\ntracked skriptoteket tls/site.key 1: a private key\n" },
      on: "hemma/skriptoteket/tls/site.key",
      says: "a private key",
    },
  },
  unmeasurable: { "git hangs on a dead network drive": { secrets: { exit: 124, stdout: "" } } },
});
