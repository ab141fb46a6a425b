import { once } from "node:events";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/** Connections that are kept for the next request. What `fetch` would copy twice is sent from where it lies. */
export class Connections {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** Settles when the answer's headers have come. */
  async send({ method, url, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    const secure = url.protocol === "https:";
    const request = (secure ? requestHttps : requestHttp)(url, {
      method,
      headers: { ...headers, "content-length": body?.length ?? 0 },
      agent: secure ? this.#https : this.#http,
      signal,
    });
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    request.on("error", () => undefined); // the response has it too
    return response;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}
