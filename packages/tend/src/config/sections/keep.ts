import { z } from "zod";
import type { Retention } from "../../model/data.ts";
import { section } from "../values.ts";

const NUMBER = "a whole number from 0 to 10000";
const count = z.int({ error: NUMBER }).min(0, { error: NUMBER }).max(10_000, { error: NUMBER }).default(0);
const KEEP = "all, or a map with last, daily, weekly or monthly";

export const keep = z.union(
  [
    z.literal("all").transform((): Retention => ({ kind: "all" })),
    section(KEEP, {
      last: count.describe("So many of the newest. Default: 0."),
      daily: count.describe("The newest one of each of so many days (UTC). Default: 0."),
      weekly: count.describe("The newest one of each of so many weeks (UTC). Default: 0."),
      monthly: count.describe("The newest one of each of so many months (UTC). Default: 0."),
    })
      .check(({ value, issues }) => {
        if (issues.length > 0 || Object.values(value).some((kept) => kept > 0)) return;
        const says = "no backup would be kept";
        issues.push({ code: "custom", message: "a number above 0, such as last: 3, or all", input: value, params: { says } });
      })
      .transform((numbers): Retention => ({ kind: "some", ...numbers })),
  ],
  { error: KEEP },
);
