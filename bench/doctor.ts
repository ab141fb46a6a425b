import { readFile } from "node:fs/promises";
import { freshHost, labHostOfThisWorker, on, run } from "../test/lab/lab.ts";
import { running } from "../test/lab/skriptoteket.ts";
import type { Workshop } from "../test/lab/workshop.ts";
import { withMany } from "./many.ts";
import { type Figure, milliseconds, sideBySide } from "./measure.ts";

const HOST = labHostOfThisWorker();

/** As a person asks, command by command: what the runbooks' troubleshooting sections would have them type. */
const BY_HAND = (containers: readonly string[]) => [
  "docker version",
  "docker compose version",
  "df -h; df -i",
  "free -m; uptime",
  "timedatectl",
  "systemctl --failed",
  "systemctl list-timers --all",
  "docker ps -a",
  "docker network ls",
  "docker volume ls",
  "docker images",
  "docker system df",
  "ss -ltnp",
  ...containers.map((name) => `docker inspect ${name}`),
  ...containers.map((name) => `docker logs --tail 30 ${name}`),
];

/** A host with the example and others beside it, and one with many containers: all that doctor looks at, asked by hand. */
export async function doctorOfAHost(): Promise<readonly Figure[]> {
  return [
    ...(await ofTheExample()),
    ...(await withMany((workshop) => figures(workshop, "many", "doctor of 1 host with 50 containers"))),
  ];
}

async function ofTheExample(): Promise<readonly Figure[]> {
  const app = await running(HOST, "nginx-proxy");
  try {
    await on(
      HOST,
      `for name in one two; do mkdir -p ~/apps/$name && printf 'services:\\n  web: { image: "nginx:1.27", restart: unless-stopped }\\n' >~/apps/$name/compose.yaml && (cd ~/apps/$name && docker compose up -d 2>&1); done`,
    );
    await app.workshop.declareSkriptoteket(app.address, "nginx-proxy", ["hemma"], (text) =>
      text.replace(
        "apps:\n",
        "apps:\n  one: { host: hemma, path: ~/apps/one, services: { web: {} } }\n  two: { host: hemma, path: ~/apps/two, services: { web: {} } }\n",
      ),
    );
    return await figures(app.workshop, "hemma", "doctor of 1 host with 3 apps");
  } finally {
    await app.close();
    await freshHost(HOST);
  }
}

async function figures(workshop: Workshop, alias: string, what: string): Promise<readonly Figure[]> {
  const ssh = ["ssh", "-F", workshop.env["TEND_SSH_CONFIG"] as string, alias];
  const names = (await run([...ssh, "docker ps --format '{{.Names}}'"])).stdout.split("\n").filter(Boolean);
  const commands = BY_HAND(names);
  let typed = 0;
  const byHand = async () => {
    typed = 0;
    for (const command of commands) {
      const { stdout, stderr } = await run([...ssh, command]);
      typed += stdout.length + stderr.length;
    }
  };
  const bundle = `${workshop.folder}/bundle.json`;
  const both = await sideBySide(3, () => workshop.tend("doctor"), byHand);
  const said = await workshop.tend("doctor", "--json", "--bundle", bundle);
  const { reached } = JSON.parse(said.stdout) as { reached: Record<string, { roundTrips: number }> };
  const trips = reached[alias]?.roundTrips ?? Number.NaN;
  const { hosts } = JSON.parse(await readFile(bundle, "utf8")) as {
    hosts: { answers: Record<string, { stdout: string; stderr: string }> }[];
  };
  const bytes = Object.values(hosts[0]?.answers ?? {}).reduce(
    (all, { stdout, stderr }) => all + stdout.length + stderr.length,
    0,
  );
  return [
    {
      what,
      tend: milliseconds(both.tend),
      compared: `${commands.length} commands over a connection each: ${milliseconds(both.compared)}`,
      ratio: both.ratio,
    },
    { what: "… round trips", tend: String(trips), compared: String(commands.length), ratio: trips / commands.length },
    {
      what: "… kB that came over",
      tend: String(Math.round(bytes / 1000)),
      compared: String(Math.round(typed / 1000)),
      ratio: bytes / typed,
    },
  ];
}
