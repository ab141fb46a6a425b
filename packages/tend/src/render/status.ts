import { type KeptStatus, warnings } from "../backup/standing.ts";
import type { AppStatus, ServiceStatus } from "../runtime/runtime.ts";
import { bytes } from "./bytes.ts";
import { ago, duration } from "./time.ts";

export interface HostStatus {
  readonly name: string;
  readonly via?: string;
  readonly docker?: string;
  readonly uptimeSeconds?: number;
  readonly diskPercent?: number;
  readonly failure?: { readonly id: string; readonly title: string; readonly evidence: readonly string[] };
  readonly apps: readonly (AppStatus & { readonly name: string })[];
}

export interface FleetStatus {
  readonly fleet: string;
  readonly at: string;
  readonly hosts: readonly HostStatus[];
}

/** The fleet at a glance: a line a host, a line an app, and what is out of the ordinary under it. */
export function statusLines(status: FleetStatus): readonly string[] {
  const now = new Date(status.at);
  const names = status.hosts.flatMap((host) => host.apps.map((app) => app.name.length + 4));
  const width = Math.max(10, ...names, ...status.hosts.map((host) => host.name.length + 2));
  return [
    `${status.fleet.padEnd(width + 40)}${status.at.slice(11, 19)} UTC`,
    ...status.hosts.flatMap((host) => [
      `  ${host.name.padEnd(width - 2)}  ${hostText(host)}`,
      ...(host.failure?.evidence ?? []).map((line) => `    ${line}`),
      ...host.apps.flatMap((app) => appLines(app, width, now)),
    ]),
  ];
}

function hostText(host: HostStatus): string {
  if (host.failure) return `✖ ${host.failure.title}`;
  return [
    host.uptimeSeconds === undefined ? undefined : `up ${duration(host.uptimeSeconds)}`,
    host.diskPercent === undefined ? undefined : `disk ${host.diskPercent} %`,
    host.docker ? `docker ${host.docker}` : undefined,
    host.via === host.name || host.via === "local" ? undefined : `via ${host.via}`,
  ]
    .filter(Boolean)
    .join("   ");
}

function appLines(app: HostStatus["apps"][number], width: number, now: Date): readonly string[] {
  const live = app.releases.at(-1);
  const release = live ? `release ${live.release}${live.of === undefined ? "" : ` (= ${live.of})`}` : "not deployed by tend";
  const services = app.services.map((service) => serviceText(service)).join(" · ");
  const marks = [
    ...(app.problem ? [`✖ ${app.problem}`] : []),
    ...app.drift.map((drift) => `! ${drift}`),
    ...app.kept.flatMap((kept) => warnings(kept, app.name, now).map((warning) => `! ${warning}`)),
    ...(app.unfinished
      ? [
          app.unfinished.alive
            ? `… run ${app.unfinished.run} (${app.unfinished.title}) by ${app.unfinished.by} is under way`
            : `! run ${app.unfinished.run} (${app.unfinished.title}) by ${app.unfinished.by} never ended: tend resume ${app.name}`,
        ]
      : []),
  ];
  return [
    `    ${app.name.padEnd(width - 4)}  ${release.padEnd(18)}  ${(live ? ago(live.at, now) : "").padEnd(7)}  ${services}`.trimEnd(),
    ...app.kept.flatMap((kept) => (kept.newest ? [`      ${keptText(kept, now)}`] : [])),
    ...marks.map((mark) => `      ${mark}`),
  ];
}

function keptText({ subject, newest, proven }: KeptStatus, now: Date): string {
  const last = newest ? `backup ${ago(newest.at, now)} ago, ${bytes(newest.bytes)}` : "no backup";
  return `${subject}  ${last}${proven ? ` · last proven restore ${ago(proven.at, now)} ago, ${duration(proven.seconds)}` : ""}`;
}

function serviceText(service: ServiceStatus): string {
  const state =
    service.state === "running"
      ? service.health === "none"
        ? "running"
        : service.health
      : service.state === "exited"
        ? `exited ${service.exitCode ?? ""}`.trim()
        : service.state;
  const ports = service.ports.length > 0 ? ` ${service.ports.join(" ")}` : "";
  const restarts = service.restarts > 0 ? `, ${service.restarts} restarts` : "";
  return `${service.service} ${state}${ports}${restarts}`;
}
