import { request } from "node:http";
import { isDeepStrictEqual } from "node:util";

export interface Target {
  readonly address: string;
  readonly port?: number;
  readonly domain: string;
  readonly path: string;
}

export interface Answered {
  /** 0: there was no answer, and the body says why. */
  readonly status: number;
  readonly body: string;
}

/** One request, as a visitor of the domain sends it; it never throws. */
export function ask(target: Target, options: { readonly method?: string; readonly body?: unknown } = {}): Promise<Answered> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host: target.address,
        port: target.port ?? 80,
        path: target.path,
        method: options.method ?? "GET",
        headers: { host: target.domain },
        agent: false,
        timeout: 30_000,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (part: string) => (body += part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", (error) => resolve({ status: 0, body: error.message }));
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer within 30 s")));
    asked.on("error", (error) => resolve({ status: 0, body: error.message }));
    asked.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

/** What the app says that it is; or what was answered instead. */
export async function version(target: Target): Promise<string> {
  const { status, body } = await ask(target);
  try {
    return (JSON.parse(body) as { version: string }).version;
  } catch {
    return `${status} ${body.slice(0, 80)}`;
  }
}

/** Asks for a page that takes its time, again and again; `stop` answers with what came back, once all has. */
export function keepAsking(target: Target, everyMs: number) {
  const asked: Promise<Answered>[] = [];
  const timer = setInterval(() => asked.push(ask(target)), everyMs);
  return {
    async stop(): Promise<readonly Answered[]> {
      clearInterval(timer);
      return Promise.all(asked);
    },
  };
}

/** Waits until the answer is the wanted one: a proxy takes a moment to hear of it. */
export async function eventually<T>(answer: () => Promise<T>, wanted: T, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    const last = await answer();
    if (isDeepStrictEqual(last, wanted)) return;
    if (Date.now() > end) throw new Error(`after ${ms / 1000} s it is ${JSON.stringify(last)}, not ${JSON.stringify(wanted)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
