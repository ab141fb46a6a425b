import { run } from "../test/lab/lab.ts";
import { TEND } from "../test/lab/workshop.ts";
import { type Figure, median, milliseconds, timed } from "./measure.ts";

const TIMES = 25;

/** What a person waits for before anything happens. */
export async function coldStart(): Promise<readonly Figure[]> {
  const bare: number[] = [];
  const help: number[] = [];
  const verb: number[] = [];
  for (let turn = 0; turn < TIMES + 3; turn += 1) {
    const node = await timed(() => run([process.execPath, "-e", "0"]));
    const all = await timed(() => run([process.execPath, TEND, "--help"]));
    const one = await timed(() => run([process.execPath, TEND, "status", "--help"]));
    // The first turns fill the caches.
    if (turn < 3) continue;
    bare.push(node);
    help.push(all);
    verb.push(one);
  }
  const node = median(bare);
  return [
    {
      what: "tend --help",
      tend: milliseconds(median(help)),
      compared: `node -e 0: ${milliseconds(node)}`,
      ratio: median(help) / node,
      aim: "≤ 1.6",
    },
    {
      what: "tend status --help",
      tend: milliseconds(median(verb)),
      compared: `node -e 0: ${milliseconds(node)}`,
      ratio: median(verb) / node,
      aim: "≤ 2.2",
    },
  ];
}
