import { expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import { Failure } from "../model/failure.ts";
import type { Session } from "../session.ts";
import type { Transport } from "../transport/transport.ts";
import { reportOnHosts } from "./report.ts";

const fleet = parseFleet(
  "fleet: home\nhosts: { one: { ssh: one }, two: { ssh: two }, far: { ssh: far } }\n",
  "/home/me/tend.yaml",
);
const gone = new Failure({ id: "host.unreachable", exit: "unreachable", title: "far can't be reached", evidence: ["no route"] });
const session = {
  fleet: async () => fleet,
  transport: async ({ name }: { name: string }) => (name === "far" ? Promise.reject(gone) : ({} as Transport)),
} as unknown as Session;
const [one, two, far] = [...fleet.hosts.keys()];
const report = (...names: (typeof one)[]) =>
  reportOnHosts(
    session,
    names.flatMap((name) => name ?? []),
    async (_, { host }) => ({ data: { host: host.name }, lines: [host.name, "  well"] }),
  );

test("hosts are told one after the other", async () => {
  expect(await report(one, two)).toEqual({
    data: { hosts: [{ host: "one" }, { host: "two" }] },
    lines: ["one", "  well", "", "two", "  well"],
    exit: undefined,
  });
});

test("one that can't be reached keeps nothing of the others back, and is told by the exit code", async () => {
  const { data, lines, exit } = await report(one, far);
  expect(lines).toEqual(["one", "  well", "", "✖ far can't be reached", "    no route"]);
  expect(data).toMatchObject({ hosts: [{ host: "one" }, { host: "far", failure: { id: "host.unreachable" } }] });
  expect(exit).toBe(7);
});

test("where none can be reached, it is the failure itself", async () => {
  await expect(report(far)).rejects.toBe(gone);
});
