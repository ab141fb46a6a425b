// The little of the Docker Engine API that the proxy stand-ins read: who runs, with what, and what happens.

import type { IncomingMessage } from "node:http";
import { request } from "node:http";

export interface Container {
  Id: string;
  Name: string;
  Config: { Env: string[] | null; Labels: Record<string, string> | null };
  State: { Running: boolean; Health?: { Status: string } };
  NetworkSettings: {
    Ports: Record<string, unknown> | null;
    Networks: Record<string, { IPAddress: string }>;
  };
}

export interface ContainerEvent {
  Action: string;
  Actor: { ID: string };
}

export interface Engine {
  running(): Promise<Container[]>;
  inspect(id: string): Promise<Container | undefined>;
  /** Calls back for each container event until the stream breaks. */
  events(each: (event: ContainerEvent) => void): Promise<void>;
}

export function connect(socketPath: string): Engine {
  const open = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath, path }, resolve).on("error", reject).end();
    });

  async function get<T>(path: string): Promise<T | undefined> {
    const response = await open(path);
    let body = "";
    for await (const chunk of response.setEncoding("utf8")) body += chunk;
    if (response.statusCode === 404) return undefined;
    if (response.statusCode !== 200) throw new Error(`the engine answered ${response.statusCode}: ${body.trim()}`);
    return JSON.parse(body) as T;
  }

  const inspect = (id: string) => get<Container>(`/containers/${id}/json`);

  return {
    inspect,
    async running() {
      const listed = (await get<{ Id: string }[]>("/containers/json")) ?? [];
      const inspected = await Promise.all(listed.map(({ Id }) => inspect(Id)));
      // One may have gone between the list and the question.
      return inspected.filter((container) => container !== undefined);
    },
    async events(each) {
      const filters = encodeURIComponent(JSON.stringify({ type: ["container"] }));
      const response = await open(`/events?filters=${filters}`);
      let rest = "";
      for await (const chunk of response.setEncoding("utf8")) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.trim() !== "") each(JSON.parse(line) as ContainerEvent);
      }
    },
  };
}

/** Two runs at most at a time: one at work, and one more for whatever happened meanwhile. */
export function coalesce(work: () => Promise<void>): () => void {
  let busy = false;
  let again = false;
  return async function run() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await work().catch((error: unknown) => console.error(String(error)));
    } while (again);
    busy = false;
  };
}
