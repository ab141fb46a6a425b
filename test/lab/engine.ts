import { expect } from "vitest";
import { lab, on } from "./lab.ts";

/** Container ids by name: who was replaced, and who was left alone. */
export async function containerIds(host: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await on(host, "docker ps -a --no-trunc --format '{{.Names}} {{.ID}}'")).trim().split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
}

/** The host's own clock, for `changesSince`: its engine's events go by it. */
export async function clock(host: string): Promise<string> {
  return (await on(host, "date +%s.%N")).trim();
}

/** What the engine did to containers since then; healthchecks and `docker exec` change nothing and are left out. */
export async function changesSince(host: string, since: string): Promise<readonly string[]> {
  const events = await on(
    host,
    `docker events --since ${since} --until "$(date +%s.%N)" --filter type=container --format '{{.Action}} {{.Actor.Attributes.name}}'`,
  );
  return events.split("\n").filter((line) => /^(create|start|stop|kill|die|destroy|rename|restart|pause)\b/.test(line));
}

/** A plain `docker compose up -d` by hand would change nothing now. */
export async function expectNothingToDo(host: string, folder: string, flags = ""): Promise<void> {
  const said = await on(host, `cd ${folder} && docker compose ${flags} up -d --dry-run 2>&1`);
  const containers = said.split("\n").filter((line) => line.includes("Container "));
  expect(containers.length, said).toBeGreaterThan(0);
  for (const line of containers) expect(line).toMatch(/(Running|Waiting|Healthy)\s*$/);
}

/** Full image ids by every `repository:tag` that the host has. */
export async function images(host: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await on(host, "docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'")).trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
}

/** No connection to any registry any more: what the host hasn't, it can't get. */
export async function registriesDown(host: string): Promise<void> {
  await on(host, `iptables -I OUTPUT ${toRegistries()}`);
}

export async function registriesUp(host: string): Promise<void> {
  await on(host, `while iptables -D OUTPUT ${toRegistries()} 2>/dev/null; do :; done`);
}

function toRegistries(): string {
  const [address, port] = lab().registry.address.split(":");
  return `-d ${address} -p tcp -m multiport --dports 443,${port} -j REJECT`;
}
