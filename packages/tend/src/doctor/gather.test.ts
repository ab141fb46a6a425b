import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import type { Session } from "../session.ts";
import { sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import type { Transport } from "../transport/transport.ts";
import { seenOf } from "./facts/index.ts";
import { hostPart, Unmeasured } from "./facts/part.ts";
import { gather, understood } from "./gather.ts";
import type { Scene } from "./scene.ts";
import { sceneOf } from "./testing.ts";

const scene: Scene = sceneOf("fleet: home\nhosts: { here: local }\n");
const sessionWith = (transport: () => Promise<Transport>) => ({ transport, signal: undefined }) as unknown as Session;

describe("a host", () => {
  let transport: LocalTransport;
  beforeEach(() => {
    transport = new LocalTransport(scene.host.name);
  });
  afterEach(() => transport.close());

  test("is asked in two round trips at most, however many questions there are", async () => {
    const { facts, raw } = await gather(
      sessionWith(async () => transport),
      scene,
    );
    expect(transport.counters.roundTrips).toBeLessThanOrEqual(2);
    expect(facts.reach).toEqual({ value: { via: "local" } });
    expect(seenOf(facts).filesystems.map(({ mount }) => mount)).toContain("/");
    expect(Object.keys(raw)).toContain("filesystems");
  });
});

test("one that can't be reached is a fact, and so is everything that is therefore not known", async () => {
  const session = sessionWith(async () => {
    throw new Failure({
      id: "host.unreachable",
      exit: "unreachable",
      title: "here can't be reached",
      evidence: ["No route to host"],
    });
  });
  const { facts } = await gather(session, scene);
  expect(seenOf(facts).reach.failure).toMatchObject({ id: "host.unreachable", evidence: ["No route to host"] });
  expect(facts.containers).toEqual({ unmeasured: "here can't be reached" });
  expect(() => seenOf(facts).containers).toThrow(Unmeasured);
});

test("an answer that isn't one is not known, and says why", () => {
  const part = hostPart({ script: () => sh`:`, read: ({ stdout }) => JSON.parse(stdout) as unknown, within: 3 });
  expect(understood(part, { exit: 124, stdout: "", stderr: "" }, scene)).toEqual({ unmeasured: "no answer within 3 s" });
  expect(understood(part, { exit: 0, stdout: "{", stderr: "" }, scene)).toEqual({
    unmeasured: expect.stringContaining("the answer can't be understood"),
  });
  expect(understood(part, { exit: 0, stdout: "[1]", stderr: "" }, scene)).toEqual({ value: [1] });
});
