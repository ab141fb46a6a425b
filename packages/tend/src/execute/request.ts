import { type Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { Watch } from "../plan/plan.ts";

export type Answer =
  | { readonly kind: "answer"; readonly status: number; readonly ms: number; readonly location?: string }
  /** The connection was closed under way: ECONNRESET, EPIPE. */
  | { readonly kind: "reset"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

/** One GET; it never throws. `socket` is a connection that was made already, as over ssh. */
export function request(
  watch: Watch,
  options: { readonly agent?: Agent; readonly timeout: number; readonly socket?: Duplex },
): Promise<Answer> {
  const url = new URL(watch.url);
  const secure = url.protocol === "https:";
  const began = performance.now();
  return new Promise((resolve) => {
    const send = secure ? httpsRequest : httpRequest;
    const asked = send(
      {
        method: "GET",
        host: watch.connect?.host ?? url.hostname,
        port: watch.connect?.port ?? (url.port || (secure ? 443 : 80)),
        servername: secure ? url.hostname : undefined,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, "user-agent": "tend" },
        agent: options.agent,
        timeout: options.timeout,
        ...(options.socket ? { createConnection: () => options.socket } : {}),
      } satisfies RequestOptions & { servername?: string },
      (response: IncomingMessage) => {
        response.resume();
        response.on("end", () =>
          resolve({
            kind: "answer",
            status: response.statusCode ?? 0,
            ms: performance.now() - began,
            location: response.headers.location,
          }),
        );
        response.on("error", (error: NodeJS.ErrnoException) => resolve({ kind: "reset", reason: error.message }));
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${options.timeout / 1000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const reset = error.code === "ECONNRESET" || error.code === "EPIPE";
      resolve({
        kind: reset ? "reset" : "none",
        reason: error.code === undefined ? error.message : `${error.code}: ${error.message}`,
      });
    });
    asked.end();
  });
}

/** Whether the answer is what the watch asks for; without a declared status, 200 to 399. */
export function isExpected(answer: Answer, status: number | undefined): boolean {
  if (answer.kind !== "answer") return false;
  return status === undefined ? answer.status >= 200 && answer.status < 400 : answer.status === status;
}

export function describe(answer: Answer): string {
  return answer.kind === "answer" ? `${answer.status}${answer.location ? ` → ${answer.location}` : ""}` : answer.reason;
}
