import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import type { Failure } from "../../model/failure.ts";
import { reading } from "./reading.ts";
import type { S3Account } from "./s3-account.ts";
import { Connections } from "./s3-http.ts";
import { element } from "./s3-xml.ts";
import { destinationFailure, type Trouble } from "./trouble.ts";

export interface S3Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** In the bucket; empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are an answer too. */
  readonly also?: readonly number[];
  /** Gives up at once when it is aborted. */
  readonly signal?: AbortSignal;
}

/** How long to wait, and between which tries; a test is less patient. */
export interface Patience {
  readonly tries: number;
  /** Milliseconds before the second try; doubled for each after it, and spread. */
  readonly pause: number;
  /** Milliseconds for an answer, beside the time that its body takes. */
  readonly answer: number;
  /** Milliseconds without a byte, while one is asked for, until a body counts as broken off. */
  readonly silence: number;
}

const PATIENCE: Patience = { tries: 6, pause: 250, answer: 60_000, silence: 60_000 };
const LATE = "no answer in time";
/** The slowest line that a body is waited for: bytes in a millisecond. */
const SLOWEST = 32;

/** Requests to one bucket: signed with the digest of their body, tried again when that helps, told in tend's own words. */
export class S3Client {
  readonly #account: S3Account;
  readonly #text: string;
  readonly #patience: Patience;
  readonly #connections = new Connections();

  constructor(account: S3Account, text: string, patience: Partial<Patience> = {}) {
    this.#account = account;
    this.#text = text;
    this.#patience = { ...PATIENCE, ...patience };
  }

  close(): void {
    this.#connections.close();
  }

  /** An answer with its text. */
  async ask(
    request: S3Request,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: IncomingHttpHeaders }> {
    return this.#try(request, async (response) => ({
      status: response.statusCode ?? 0,
      text: (await buffer(response)).toString("utf8"),
      headers: response.headers,
    }));
  }

  /** An object's bytes. They end with an error when there were fewer than announced, or none came for too long. */
  async read(key: string): Promise<Readable> {
    const response = await this.#try({ method: "GET", key }, async (response) => response, true);
    const source = Readable.from(this.#whole(response), { objectMode: false });
    return reading(source, (error) => this.#failure(error)).once("close", () => response.destroy());
  }

  async *#whole(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    const announced = Number(response.headers["content-length"] ?? Number.NaN);
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let bytes = 0;
    for (;;) {
      const timer = setTimeout(() => response.destroy(new Error(LATE)), this.#patience.silence);
      const { value, done } = await chunks.next().finally(() => clearTimeout(timer));
      if (done) break;
      bytes += value.length;
      yield value;
    }
    if (Number.isFinite(announced) && bytes !== announced) throw new Error(`${bytes} bytes of ${announced} arrived`);
  }

  /** `use` is part of the try, unless it `holds` the connection to read from it. */
  async #try<T>(request: S3Request, use: (response: IncomingMessage) => Promise<T>, holds = false): Promise<T> {
    for (let turn = 1; ; turn++) {
      const outcome = await this.#once(request, use, holds);
      if ("answer" in outcome) return outcome.answer;
      if (!outcome.again || turn >= this.#patience.tries || request.signal?.aborted) throw outcome.failure;
      const pause = this.#patience.pause * 2 ** (turn - 1);
      await delay(pause / 2 + (Math.random() * pause) / 2, undefined, { signal: request.signal }).catch(() => undefined);
    }
  }

  async #once<T>(
    request: S3Request,
    use: (response: IncomingMessage) => Promise<T>,
    holds: boolean,
  ): Promise<{ readonly answer: T } | { readonly failure: Failure; readonly again: boolean }> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#patience.answer + (request.body?.length ?? 0) / SLOWEST);
    const signal = request.signal ? AbortSignal.any([late.signal, request.signal]) : late.signal;
    try {
      const response = await this.#send(request, signal);
      const status = response.statusCode ?? 0;
      if ((status >= 200 && status < 300) || request.also?.includes(status)) {
        if (holds) clearTimeout(timer);
        return { answer: await use(response) };
      }
      const said = (await buffer(response)).toString("utf8");
      return { failure: this.#refusal(status, said), again: worthAnotherTry(status, element(said, "Code")) };
    } catch (error) {
      return { failure: this.#failure(late.signal.aborted ? new Error(LATE) : error), again: true };
    } finally {
      clearTimeout(timer);
    }
  }

  async #send({ method, key, query = {}, body }: S3Request, signal: AbortSignal): Promise<IncomingMessage> {
    const { bucket, ...credentials } = this.#account;
    const url = new URL(bucket);
    if (key !== "") url.pathname += key.split("/").map(encodeURIComponent).join("/");
    else if (url.pathname !== "/") url.pathname = url.pathname.replace(/\/$/, "");
    url.search = new URLSearchParams(query).toString();
    const digest = createHash("sha256")
      .update(body ?? "")
      .digest("hex");
    const headers = { "x-amz-content-sha256": digest };
    const signed = await new AwsV4Signer({ ...credentials, service: "s3", method, url: url.href, headers }).sign();
    return this.#connections.send({ method, url: signed.url, headers: Object.fromEntries(signed.headers), body, signal });
  }

  #refusal(status: number, said: string): Failure {
    const code = element(said, "Code");
    const message = element(said, "Message");
    const told = [`HTTP ${status}${code ? ` ${code}` : ""}${message ? `: ${message}` : ""}`];
    return destinationFailure(
      troubleOfAnswer(status, code),
      this.#text,
      told.map((line) => this.#withoutSecrets(line)),
      explained(code),
    );
  }

  #failure(error: unknown): Failure {
    const { code, message = String(error) } = error as NodeJS.ErrnoException;
    const said = message === "aborted" ? "the connection broke off" : message || "no connection";
    const line = code && !said.includes(code) ? `${said} (${code})` : said;
    return destinationFailure("unreachable", this.#text, [this.#withoutSecrets(line)]);
  }

  /** A server may repeat what it was sent. */
  #withoutSecrets(line: string): string {
    const { secretAccessKey, sessionToken } = this.#account;
    return [secretAccessKey, sessionToken].reduce<string>(
      (text, secret) => (secret ? text.replaceAll(secret, "[REDACTED]") : text),
      line,
    );
  }
}

function worthAnotherTry(status: number, code: string | undefined): boolean {
  if (code === "RequestTimeout" || code === "SlowDown") return true;
  return (status >= 500 && status !== 501 && status !== 507) || status === 429 || status === 408;
}

function troubleOfAnswer(status: number, code: string | undefined): Trouble {
  if (status === 507 || /QuotaExceeded|StorageFull|XMinioStorageFull/.test(code ?? "")) return "full";
  if (status === 401 || status === 403) return "denied";
  if (status >= 500 || status === 429) return "unreachable";
  return "failed";
}

function explained(code: string | undefined): { why?: string; help?: string } {
  if (code === "NoSuchBucket")
    return { why: "there is no such bucket", help: "create the bucket, or correct its name under backups: to:" };
  if (code === "RequestTimeTooSkewed") return { why: "the clock of this machine is wrong", help: "set the clock: timedatectl" };
  if (code === "SignatureDoesNotMatch" || code === "InvalidAccessKeyId") {
    return { why: "it doesn't know the credentials", help: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the region" };
  }
  if (code === "PermanentRedirect" || code === "AuthorizationHeaderMalformed") {
    return { why: "the bucket is in another region", help: "set the bucket's region as AWS_REGION" };
  }
  return {};
}
