import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { sh } from "./argv.ts";
import { RecordingTransport } from "./recording.ts";
import { Secret } from "./secret.ts";

it("answers by the first rule that fits, and remembers every script in its order", async () => {
  const transport = new RecordingTransport([
    { when: "docker ps", answer: "web\n" },
    { when: /^docker (pull|push)/g, answer: { exit: 1, stderr: "denied\n" } },
    { when: (script) => script.startsWith("cat"), answer: (_, { input }) => `${input}` },
  ]);
  expect(await transport.run(sh`docker ps -q`)).toEqual({ exit: 0, stdout: "web\n", stderr: "", ms: 0 });
  for (const verb of ["pull", "push"])
    expect(await transport.run(sh`docker ${verb}`)).toMatchObject({ exit: 1, stderr: "denied\n" });
  expect((await transport.run(sh`cat`, { input: "text" })).stdout).toBe("text");
  expect((await transport.run(sh`cat`, { input: new Secret("canary") })).stdout).toBe("[REDACTED]");
  expect(transport.scripts).toEqual(["docker ps -q", "docker pull", "docker push", "cat", "cat"]);
  expect(JSON.stringify(transport.recorded)).not.toContain("canary");
  expect(transport.counters).toEqual({ connections: 0, roundTrips: 5, streams: 0 });
});

it("refuses a script that no rule knows", async () => {
  const transport = new RecordingTransport([]);
  await expect(transport.run(sh`rm -rf ${"a b"}`)).rejects.toThrow("rm -rf 'a b'");
  expect(() => transport.stream(sh`true`)).toThrow("unexpected script");
  await expect(transport.attach(sh`true`)).rejects.toThrow("unexpected script");
  await expect(transport.connect({ host: "db", port: 5432 })).rejects.toThrow("unexpected connection to db:5432");
});

it("answers streams and attached scripts as well", async () => {
  const transport = new RecordingTransport([{ when: "logs", answer: { stdout: "line\n", stderr: "note\n", exit: 3 } }]);
  const channel = transport.stream(sh`logs`);
  expect([await text(channel.stdout), await text(channel.stderr), await channel.done]).toEqual(["line\n", "note\n", { exit: 3 }]);
  expect(await transport.attach(sh`logs -f`)).toBe(3);
  expect(transport.counters.streams).toBe(2);
});

it("fails where a rule says so", async () => {
  const transport = new RecordingTransport([{ when: "true", answer: new Error("the connection broke") }]);
  await expect(transport.run(sh`true`)).rejects.toThrow("the connection broke");
  await expect(transport.stream(sh`true`).done).rejects.toThrow("the connection broke");
});
