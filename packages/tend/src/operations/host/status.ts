import { containers } from "../../doctor/facts/containers.ts";
import { engine } from "../../doctor/facts/engine.ts";
import { filesystems } from "../../doctor/facts/filesystems.ts";
import { machine } from "../../doctor/facts/machine.ts";
import { updates } from "../../doctor/facts/updates.ts";
import { type AnswersOf, ask } from "../../machine/ask.ts";
import { reportOnHosts } from "../../machine/report.ts";
import type { HostName } from "../../model/names.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts } from "../../params.ts";
import { bytes } from "../../render/bytes.ts";
import { duration } from "../../render/time.ts";

const PARTS = { machine, engine, filesystems, updates, containers };
interface HostStatus extends AnswersOf<typeof PARTS> {
  readonly host: HostName;
  readonly apps: readonly string[];
}

export const hostStatus = defineOperation({
  kind: "report",
  name: "host status",
  summary: "Show a host: engine, memory, disks, clock, updates, and what runs on it",
  details:
    "One round trip a host. What can't be measured says why. It judges nothing: tend doctor does. Exits 7 when a host can't be reached.",
  effect: "reads",
  params: { hosts: someHosts() },
  examples: [
    { command: "tend host status", explains: "every host" },
    { command: "tend host status hemma --json", explains: "for scripts" },
  ],
  report: (session, input) =>
    reportOnHosts(session, input.hosts, async (transport, scene) => {
      const apps = scene.apps.map((app) => app.name);
      const host: HostStatus = { host: scene.host.name, apps, ...(await ask(transport, scene, PARTS)) };
      return { data: dataOf(host), lines: linesOf(host) };
    }),
});

/** Of the containers only how many there are: doctor's bundle has the rest. */
function dataOf({ containers: all, ...rest }: HostStatus) {
  if ("unmeasured" in all) return { ...rest, containers: all };
  const running = all.value.filter((one) => one.state === "running").length;
  return { ...rest, containers: { value: { all: all.value.length, running } } };
}

function linesOf(host: HostStatus): readonly string[] {
  const row = <T>(label: string, answer: { readonly value: T } | { readonly unmeasured: string }, say: (value: T) => string) =>
    `  ${label.padEnd(10)}${"value" in answer ? say(answer.value) : `not known: ${answer.unmeasured}`}`;
  return [
    host.host,
    row("engine", host.engine, (one) =>
      one.server === undefined
        ? `doesn't answer: ${one.trouble ?? "there is no docker command"}`
        : `Docker ${one.server}, Compose ${one.compose ?? "missing"}`,
    ),
    row("system", host.machine, (one) => `${one.system}, kernel ${one.kernel}, up for ${duration(one.uptime)}`),
    row(
      "load",
      host.machine,
      (one) => `${one.load.join(" ")} on ${one.processors} ${one.processors === 1 ? "processor" : "processors"}`,
    ),
    row(
      "memory",
      host.machine,
      ({ memory, swap }) =>
        `${bytes(memory.available)} of ${bytes(memory.total)} free, ${swap.total > 0 ? `swap: ${bytes(swap.free)} of ${bytes(swap.total)} free` : "no swap"}`,
    ),
    ...("value" in host.filesystems
      ? host.filesystems.value.map(
          (one) =>
            `  ${"disk".padEnd(10)}${one.mount}: ${one.usedPercent} % full, ${bytes(one.free)} of ${bytes(one.bytes)} free (${one.holds.join(", ")})`,
        )
      : [`  ${"disk".padEnd(10)}not known: ${host.filesystems.unmeasured}`]),
    row("clock", host.machine, ({ contained, time }) => {
      if (contained) return "that of the machine around it";
      return time
        ? time.synchronized
          ? "kept in time"
          : `not kept in time, NTP ${time.ntp ? "on" : "off"}`
        : "systemd doesn't say";
    }),
    row("restart", host.machine, ({ reboot }) => (reboot ? `due for ${duration(reboot.for)}` : "none is due")),
    row("updates", host.updates, (one) =>
      one
        ? `${one.security.length} for security of ${one.all}, lists ${duration(one.listed)} old, ${one.unattended ? "installed by itself" : "installed by hand"}`
        : "it has no apt",
    ),
    row(
      "runs",
      host.containers,
      (all) =>
        `${all.filter((one) => one.state === "running").length} of ${all.length} containers; apps: ${host.apps.join(", ") || "none"}`,
    ),
  ];
}
