import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { Slots } from "./slots.ts";

it("lets so many in at a time, in the order in which they came", async () => {
  const slots = new Slots(3);
  const entered: number[] = [];
  let inside = 0;
  let most = 0;
  const visit = async (visitor: number) => {
    const leave = await slots.take();
    entered.push(visitor);
    most = Math.max(most, ++inside);
    await delay(1);
    inside -= 1;
    leave();
  };
  const visitors = Array.from({ length: 20 }, (_, visitor) => visitor);
  await Promise.all(visitors.map(visit));
  expect(most).toBe(3);
  expect(entered).toEqual(visitors);
});
