import { clients } from "../test/lab/clients.ts";
import { jsonLines } from "../test/lab/json.ts";
import { labHostOfThisWorker, run } from "../test/lab/lab.ts";
import { answers, running, type Skriptoteket } from "../test/lab/skriptoteket.ts";
import { slowWay } from "./latency.ts";
import { type Figure, milliseconds, sideBySide, timed } from "./measure.ts";

const HOST = labHostOfThisWorker();
const TIMES = 3;
/** `--wait` is not in the runbook's line; without it that line ends before the new container answers. */
const RUNBOOK = "cd ~/apps/skriptoteket && git pull --quiet && docker compose -f compose.prod.yaml up -d --build --wait";

/** A deploy beside the runbook's own line over ssh, for the same app on the same host. */
export async function deploys(): Promise<readonly Figure[]> {
  const app = await running(HOST, "caddy");
  const figures: Figure[] = [];
  try {
    await tend(app);
    figures.push(await counts(app));
    figures.push(...(await swapAgainstRecreate(app)));
    await recreatedInPlace(app);
    for (const latency of [0, 50]) figures.push(...(await wallTimes(app, latency)));
    return figures;
  } finally {
    await app.close();
  }
}

let version = 100;

async function publish(app: Skriptoteket): Promise<string> {
  version += 1;
  await app.publish(String(version));
  return String(version);
}

async function tend(app: Skriptoteket, ...more: readonly string[]): Promise<string> {
  const result = await app.workshop.tend("deploy", "skriptoteket", ...more);
  if (result.exit !== 0) throw new Error(result.stdout + result.stderr);
  return result.stdout;
}

async function byHand(app: Skriptoteket): Promise<void> {
  const result = await run(["ssh", "-F", app.workshop.env["TEND_SSH_CONFIG"] as string, "hemma", RUNBOOK]);
  if (result.exit !== 0) throw new Error(result.stdout + result.stderr);
}

async function counts(app: Skriptoteket): Promise<Figure> {
  await publish(app);
  const result = jsonLines(await tend(app, "--json")).at(-1) as unknown as { reached: Record<string, Record<string, number>> };
  const { connections, roundTrips, streams } = result.reached["hemma"] as Record<string, number>;
  return {
    what: "ssh connections and round trips of a deploy with a swap",
    tend: `${connections} connection, ${roundTrips} round trips, ${streams} stream`,
    compared: "Kamal 2.12: 31 execs (counted in its source)",
    ratio: (roundTrips as number) / 31,
    aim: "≤ 3 connections, ≤ 8 round trips",
  };
}

/** What the swap costs in seconds and saves in requests, in the same minutes. */
async function swapAgainstRecreate(app: Skriptoteket): Promise<readonly Figure[]> {
  const target = await publish(app);
  const swapLoad = clients(50, app.target());
  const swap = await timed(() => tend(app));
  const swapped = await swapLoad.stop();
  await answers(app, target);
  const next = await publish(app);
  const handLoad = clients(50, app.target());
  const hand = await timed(() => byHand(app));
  await answers(app, next);
  const replaced = await handLoad.stop();
  await tend(app);
  return [
    {
      what: "requests that failed, 50 keep-alive clients, Caddy",
      tend: `${swapped.failed} of ${swapped.requests} (longest gap ${swapped.longestGapMs} ms)`,
      compared: `runbook: ${replaced.failed} of ${replaced.requests} (${replaced.longestGapMs} ms)`,
      ratio: swapped.failed / replaced.failed,
    },
    {
      what: "seconds that the swap adds",
      tend: milliseconds(swap),
      compared: `runbook, with its gap: ${milliseconds(hand)}`,
      ratio: swap / hand,
    },
  ];
}

/** As the runbook does it: the container is replaced where it stands. */
async function recreatedInPlace(app: Skriptoteket): Promise<void> {
  await app.workshop.declareSkriptoteket(app.address, "caddy", ["hemma"], (yaml) =>
    yaml.replace("port: 8000 }, probe: /health", "port: 8000 }, role: single-writer"),
  );
}

async function wallTimes(app: Skriptoteket, latency: number): Promise<readonly Figure[]> {
  const way = latency > 0 ? await slowWay({ host: app.address, port: 22 }, latency) : undefined;
  await app.workshop.sshAliases({ hemma: app.address }, "root", way?.port);
  const at = `${latency} ms round trip`;
  try {
    const idle = await sideBySide(
      TIMES,
      () => tend(app),
      () => byHand(app),
    );
    const changed = await sideBySide(
      TIMES,
      { before: () => publish(app), work: () => tend(app) },
      // tend's record of what was done by hand is made apart, so that its next deploy is like the first.
      { before: () => publish(app), work: () => byHand(app), after: () => tend(app) },
    );
    return [
      {
        what: `deploy, nothing changed, ${at}`,
        tend: milliseconds(idle.tend),
        compared: `runbook: ${milliseconds(idle.compared)}`,
        ratio: idle.ratio,
        aim: "≤ 1.10",
      },
      {
        what: `deploy, one service changed, ${at}`,
        tend: milliseconds(changed.tend),
        compared: `runbook: ${milliseconds(changed.compared)}`,
        ratio: changed.ratio,
        aim: "≤ 1.10",
      },
    ];
  } finally {
    way?.close();
    await app.workshop.sshAliases({ hemma: app.address });
  }
}
