import { describe } from "vitest";
import { restoreUnderFaults } from "../lab/faults-restore.ts";

describe("a restore in which something goes wrong before the exchange:", () => {
  restoreUnderFaults(20_260_803, 7, [
    "verify-main",
    "before-backup-main",
    "create-main",
    "load-main",
    "load-main",
    "settings-main",
    "compare-main",
  ]);
});
