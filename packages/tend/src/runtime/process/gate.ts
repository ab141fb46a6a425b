import type { Service } from "../../model/fleet.ts";
import type { WaitAction } from "../../plan/plan.ts";
import type { FrontProgram } from "./place.ts";
import { front } from "./place.ts";

/** Seconds that one call of the check stays and asks again; a start costs more than that many questions. */
const STAYS = "5";

/**
 * What has to hold before a process gets requests or an old one goes: the declared probe at its own port, else that it
 * accepts connections, else that it stays up. It is asked on the host, so that it goes on when tend is gone, sees at
 * once that the process has died, and can show what it printed.
 */
export function gate(program: FrontProgram, folder: string, name: string, service: Service): WaitAction {
  const { probe, port } = service;
  const how = [
    ...(probe && port !== undefined ? ["--path", probe.path] : []),
    ...(probe?.status !== undefined && port !== undefined ? ["--status", String(probe.status)] : []),
    ...(service.role === "one-off" ? ["--ended"] : []),
  ];
  return {
    kind: "wait",
    until: `${service.name} ${goal(service)}`,
    check: front(program, "ready", folder, name, ...how, "--patience", STAYS),
    explain: front(program, "explain", folder, name, ...how),
    deadline: service.deadline,
  };
}

function goal({ role, probe, port }: Service): string {
  if (role === "one-off") return "has ended with status 0";
  if (port === undefined) return "has stayed up for 3 s (it has no port)";
  return probe ? `answers ${probe.path}` : "accepts connections (it has no probe)";
}
