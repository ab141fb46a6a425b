import type { Service } from "../../model/fleet.ts";
import type { Action } from "../../plan/plan.ts";
import { command, sh } from "../../transport/argv.ts";
import type { ComposeService } from "./config.ts";

/**
 * What has to hold before a container gets requests or an old one goes: Docker's own health state where there is a
 * healthcheck, else the declared probe at the container's address, else that it stays up.
 */
export function gate(service: Pick<Service, "deadline" | "probe" | "route">, config: ComposeService, container: string): Action {
  const explain = sh`docker container inspect --format 'state {{.State.Status}}, exit code {{.State.ExitCode}}, restarts {{.RestartCount}}, out of memory {{.State.OOMKilled}}' ${container}
docker container inspect --format '{{if .State.Health}}{{range .State.Health.Log}}healthcheck exit {{.ExitCode}}: {{.Output}}{{println}}{{end}}{{end}}' ${container} | tail -n 5
echo '--- log'
docker logs --tail 400 ${container} 2>&1`;
  if (config.healthcheck) {
    // The first verdict can't come before the first check has run.
    const deadline = Math.max(service.deadline, Math.ceil(config.healthcheck.startPeriod + config.healthcheck.interval) + 5);
    return {
      kind: "wait",
      until: `${container} is healthy`,
      deadline,
      explain,
      check: sh`set -- $(docker container inspect --format '{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' ${container}) || exit 3
case "$1 $3" in "running healthy") exit 0 ;; exited*|dead*) exit 2 ;; *unhealthy) exit 2 ;; esac
[ "$2" -lt 3 ] || exit 2
exit 1`,
    };
  }
  if (service.probe && service.route?.port) {
    return {
      kind: "probe",
      deadline: service.deadline,
      target: {
        url: `http://${container}:${service.route.port}${service.probe.path}`,
        status: service.probe.status,
        fromHost: {
          address: sh`printf '%s %s\n' "$(docker container inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' ${container} | cut -d ' ' -f 1)" ${service.route.port}`,
        },
      },
    };
  }
  return {
    kind: "wait",
    until: `${container} has stayed up for 3 s (it has no healthcheck and no probe)`,
    deadline: service.deadline,
    explain,
    check: sh`set -- $(docker container inspect --format '{{.State.Status}} {{.RestartCount}} {{.State.StartedAt}}' ${container}) || exit 3
case "$1" in exited|dead) exit 2 ;; running) ;; *) exit 1 ;; esac
[ "$2" -lt 3 ] || exit 2
[ "$(( $(date +%s) - $(date -d "$3" +%s) ))" -ge 3 ] || exit 1`,
  };
}

/** The gate as something that an undo can do: on the host alone. */
export function gateOnHost(service: Service, config: ComposeService, container: string) {
  const action = gate(service, config, container);
  if (action.kind === "wait") return action;
  return { kind: "exec" as const, on: "host" as const, commands: [command(["sleep", "3"])] };
}
