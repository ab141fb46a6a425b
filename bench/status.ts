import { freshHost, lab, labHostOfThisWorker, on, run } from "../test/lab/lab.ts";
import { Workshop } from "../test/lab/workshop.ts";
import { type Figure, milliseconds, sideBySide } from "./measure.ts";

const HOST = labHostOfThisWorker();
const CONTAINERS = 50;

/** The fleet at a glance, with many containers on one host, beside what one would type. */
export async function statusOfMany(): Promise<readonly Figure[]> {
  await freshHost(HOST);
  const workshop = await Workshop.open();
  try {
    const address = lab().hosts.find((one) => one.name === HOST)?.address as string;
    await workshop.sshAliases({ many: address });
    const services = Array.from(
      { length: CONTAINERS },
      (_, at) => `  s${at}: { image: "busybox:latest", command: ["sleep", "100000"], init: true }`,
    );
    await on(
      HOST,
      "mkdir -p ~/many && cat > ~/many/compose.yaml && cd ~/many && docker compose up -d 2>&1",
      `services:\n${services.join("\n")}\n`,
    );
    await workshop.write(
      "tend.yaml",
      "fleet: many\nhosts: { many: { ssh: many } }\napps: { many: { host: many, path: ~/many } }\n",
    );
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
  } finally {
    await workshop.close();
    await freshHost(HOST);
  }
}
