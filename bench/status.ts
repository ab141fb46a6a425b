import { run } from "../test/lab/lab.ts";
import { withMany } from "./many.ts";
import { type Figure, milliseconds, sideBySide } from "./measure.ts";

/** The fleet at a glance, with many containers on one host, beside what one would type. */
export function statusOfMany(): Promise<readonly Figure[]> {
  return withMany(async (workshop) => {
    const ssh = ["ssh", "-F", workshop.env["TEND_SSH_CONFIG"] as string, "many"];
    const both = await sideBySide(
      7,
      () => workshop.tend("status"),
      () => run([...ssh, "docker ps; docker inspect $(docker ps -aq); df -h /; uptime"]),
    );
    const result = JSON.parse((await workshop.tend("status", "--json")).stdout) as {
      hosts: { apps: { services: unknown[] }[] }[];
    };
    return [
      {
        what: `status of 1 host with ${result.hosts[0]?.apps[0]?.services.length} containers`,
        tend: milliseconds(both.tend),
        compared: `ssh, docker ps, inspect, df, uptime: ${milliseconds(both.compared)}`,
        ratio: both.ratio,
      },
    ];
  });
}
