import { expect, test } from "vitest";
import type { ContainerSeen } from "../doctor/facts/containers.ts";
import { type ListeningSeen, listening } from "../doctor/facts/listening.ts";
import { factsOf, sceneOf } from "../doctor/testing.ts";
import { isLocal, ownerText, portOwners } from "./ports.ts";

const containers = (factsOf() as unknown as { containers: { value: readonly ContainerSeen[] } }).containers.value;

function read(stdout: string): ListeningSeen {
  return listening.read({ exit: 0, stdout, stderr: "" }, sceneOf());
}

test("a published port is its container's, whoever listens for it", () => {
  const seen = read('LISTEN 0 4096 0.0.0.0:80 0.0.0.0:* users:(("docker-proxy",pid=941,fd=4))\n');
  expect(portOwners({ containers, listening: seen }).map((one) => [one.port, one.address, one.container])).toEqual([
    [80, "0.0.0.0", "nginx-proxy"],
    [80, "::", "nginx-proxy"],
  ]);
});

test("another program beside it on the same port of another address is told, too", () => {
  const seen = read('LISTEN 0 511 192.0.2.7:80 0.0.0.0:* users:(("apache2",pid=711,fd=4),("apache2",pid=712,fd=4))\n');
  expect(portOwners({ containers, listening: seen }).map(ownerText)).toContain("apache2 (pid 711)");
});

test("a published UDP port is none of TCP, though another program has that number there", () => {
  const udp = containers.map((one) =>
    one.name === "nginx-proxy" ? { ...one, published: [{ inside: "53/udp", address: "0.0.0.0", port: 53 }] } : one,
  );
  const owners = portOwners({ containers: udp, listening: read("LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*\n") });
  expect(owners.map((one) => [one.port, one.address, one.container])).toEqual([[53, "127.0.0.53%lo", undefined]]);
});

test.each(["127.0.0.1", "127.0.0.53%lo", "::1", "::ffff:127.0.0.1"])("%s is for the host alone", (address) => {
  expect(isLocal(address)).toBe(true);
});

test.each(["0.0.0.0", "*", "::", "::ffff:192.0.2.7", "192.0.2.7", "fe80::1%eth0"])("%s isn't", (address) => {
  expect(isLocal(address)).toBe(false);
});

test("without root, programs have no name, and ufw isn't known", () => {
  const seen = read("LISTEN 0 128 [::]:22 [::]:*\n");
  expect(seen).toEqual({ tcp: [{ address: "::", port: 22, process: undefined, pid: undefined }], ufw: undefined });
  expect(portOwners({ containers: [], listening: seen }).map(ownerText)).toEqual(["a program that only root can name"]);
});

test("whether ufw is active is read from its first line", () => {
  expect(read("LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\nufw active\n").ufw).toBe("active");
});
