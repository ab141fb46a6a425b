import { get } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { liveFile, ProcessFolder, readText } from "./files.ts";
import { isAlive } from "./identity.ts";

export interface Probe {
  readonly path?: string;
  /** The status that counts; without it, 200 to 399. */
  readonly status?: number;
}

/** How long a process that can't be asked anything has to stay up until it counts as started. */
const STEADY_MS = 3000;
const ANSWER_MS = 2000;
const PAUSE_MS = 40;

/** 0: it is ready. 1: not yet. 2: it never will be, since it has ended. */
export async function ready(
  service: string,
  name: string,
  wanted: Probe & { readonly ended: boolean; readonly within: number },
): Promise<number> {
  const folder = new ProcessFolder(service, name);
  const end = performance.now() + wanted.within;
  do {
    if (!isAlive(folder.running)) {
      // Its last words may still be on their way.
      if (wanted.ended) await delay(100);
      return wanted.ended && folder.ended?.code === 0 ? 0 : 2;
    }
    if (!wanted.ended && (await answers(folder, wanted)) === undefined) return 0;
    await delay(PAUSE_MS);
  } while (performance.now() < end);
  return 1;
}

/** What a person needs to see when a process didn't become ready: what it printed first, then how it stands. */
export async function explain(service: string, name: string, probe: Probe): Promise<number> {
  const folder = new ProcessFolder(service, name);
  const { ended, running } = folder;
  process.stdout.write(readText(folder.file("output")) ?? "");
  if (ended?.error) console.log(ended.error);
  else if (ended) console.log(`(it ended ${ended.signal ? `by ${ended.signal}` : `with status ${ended.code}`})`);
  else if (isAlive(running)) console.log((await answers(folder, probe)) ?? "(it is ready now)");
  else console.log("(it is gone, and how it ended is not known)");
  return 0;
}

/** For triples of folder, path and status (or -): one word a service. */
export async function health(triples: readonly string[]): Promise<number> {
  const asked = triples.flatMap((service, at) =>
    at % 3 === 0 ? [{ service, path: triples[at + 1], status: triples[at + 2] }] : [],
  );
  const lines = await Promise.all(
    asked.map(async ({ service, path, status }) => {
      const name = readText(liveFile(service))?.trim();
      const folder = name ? new ProcessFolder(service, name) : undefined;
      if (!folder || !isAlive(folder.running)) return `${service} none`;
      const trouble = await answers(folder, { path, status: status === "-" ? undefined : Number(status) });
      return `${service} ${trouble === undefined ? "healthy" : "unhealthy"}`;
    }),
  );
  console.log(lines.join("\n"));
  return 0;
}

/** Undefined when it is as it should be, otherwise what isn't. */
async function answers(folder: ProcessFolder, probe: Probe): Promise<string | undefined> {
  const { running } = folder;
  if (!running) return "it has no process";
  if (running.port === undefined)
    return Date.now() - Date.parse(running.since) >= STEADY_MS ? undefined : "it hasn't been up for long";
  return probe.path === undefined ? connects(running.port) : asks(running.port, probe.path, probe.status);
}

function connects(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    socket.once("connect", () => resolve(undefined));
    socket.once("connect", () => socket.destroy());
    socket.once("error", () =>
      resolve(`nothing accepts connections on port ${port} of 127.0.0.1, which is what PORT and HOST say`),
    );
  });
}

function asks(port: number, path: string, status: number | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = get(
      { host: "127.0.0.1", port, path, agent: false, timeout: ANSWER_MS, headers: { "user-agent": "tend" } },
      (answer) => {
        answer.resume();
        const got = answer.statusCode ?? 0;
        const good = status === undefined ? got >= 200 && got < 400 : got === status;
        resolve(good ? undefined : `GET ${path} was answered with ${got}`);
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === "ECONNREFUSED"
          ? `nothing accepts connections on port ${port} of 127.0.0.1, which is what PORT and HOST say`
          : `GET ${path}: ${error.message}`,
      ),
    );
  });
}
