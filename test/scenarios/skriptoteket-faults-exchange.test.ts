import { describe } from "vitest";
import { restoreUnderFaults } from "../lab/faults-restore.ts";

describe("a restore in which something goes wrong around the exchange:", () => {
  restoreUnderFaults(20_260_804, 14, [
    "compare-main",
    "stop",
    "swap-main",
    "swap-main",
    "migrate",
    "start",
    "gate-web",
    "record-main",
  ]);
});
