import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import type { Transport } from "../../packages/tend/src/transport/transport.ts";
import { gone, uniqueNap } from "./scripts.ts";
import { runs } from "./transport-runs.ts";
import { streams } from "./transport-streams.ts";

/** What holds for every transport, whatever is at its other end. */
export function transportContract(name: string, open: () => Promise<Transport>): void {
  describe(`the ${name} transport`, { timeout: 30_000 }, () => {
    let transport: Transport;
    beforeAll(async () => {
      transport = await open();
    });
    afterAll(() => transport.close());

    runs(() => transport);
    streams(() => transport);

    it("attaches a script to tend's own streams", async () => {
      expect(await transport.attach(sh`exit 3`)).toBe(3);
      expect(await transport.attach(sh`kill -9 $(sh -c 'echo $PPID')`)).toBe(137);
    });

    it("counts round trips and streams", async () => {
      const before = transport.counters;
      await transport.run(sh`true`);
      await transport.stream(sh`true`).done;
      const { roundTrips, streams } = transport.counters;
      expect([roundTrips - before.roundTrips, streams - before.streams]).toEqual([1, 1]);
    });

    it("runs no more once it is closed", async () => {
      const other = await open();
      const [nap, line] = uniqueNap();
      const running = other.run(nap);
      const channel = other.stream(nap);
      const rejected = expect(running).rejects.toThrow();
      await delay(50);
      await other.close();
      await rejected;
      expect(await channel.done).toEqual({ exit: 143 });
      await expect(other.run(sh`true`)).rejects.toThrow("closed");
      await gone(line);
      await other.close();
    });
  });
}
