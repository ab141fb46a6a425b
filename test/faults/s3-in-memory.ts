import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What a request can meet: an answer that refuses, a connection that breaks before or after the work, half an answer, none. */
export type S3Fault = "500" | "503" | "403" | "507" | "reset" | "reset after" | "half" | "silence" | "flip" | "lost";

export interface S3InMemory {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly uploads: Map<string, Map<number, Buffer>>;
  /** How many requests there were since the last `meet`. */
  readonly requests: number;
  /** From now on, the nth request meets a fault; `times` in a row, those of the other methods left out. */
  meet(nth: number, fault: S3Fault, times: number, methods?: readonly string[]): void;
  close(): Promise<void>;
}

/** As much of S3 as a store needs, without signatures (test/contracts holds those), and with faults. */
export async function startS3InMemory(): Promise<S3InMemory> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  let requests = 0;
  let due:
    | { readonly from: number; readonly fault: S3Fault; readonly times: number; readonly methods: readonly string[] }
    | undefined;

  const server = createServer(async (request, response) => {
    const at = requests;
    requests += 1;
    const meets = due && at >= due.from && at < due.from + due.times && due.methods.includes(request.method ?? "");
    const fault = meets ? due?.fault : undefined;
    try {
      await serve(request, response, fault);
    } catch {
      response.destroy();
    }
  });

  async function serve(request: IncomingMessage, response: ServerResponse, fault: S3Fault | undefined): Promise<void> {
    if (fault === "reset") return void request.socket.destroy();
    if (fault === "silence") return void request.resume();
    const body = await buffer(request);
    if (fault && /^\d/.test(fault)) return void response.writeHead(Number(fault)).end(`<Error><Code>C${fault}</Code></Error>`);
    if (fault === "flip" && body.length > 0) body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
    const { status, headers, answer } = answered(
      request.method ?? "",
      new URL(request.url ?? "", "http://s3"),
      body,
      fault === "lost",
    );
    if (fault === "reset after") return void request.socket.destroy();
    response.writeHead(status, { "content-length": answer.length, ...headers });
    if (fault === "flip" && body.length === 0 && answer.length > 0)
      answer[answer.length >> 2] = (answer[answer.length >> 2] ?? 0) ^ 1;
    if (fault !== "half" || answer.length === 0) return void response.end(answer);
    response.write(answer.subarray(0, answer.length >> 1), () => request.socket.destroy());
  }

  /** A write that is `lost` is answered as if it had been done. */
  function answered(method: string, url: URL, body: Buffer, lost: boolean) {
    const say = (status: number, text: string | Buffer = "", headers: Record<string, string> = {}) => ({
      status,
      headers,
      answer: Buffer.from(text),
    });
    const key = decodeURIComponent(url.pathname.replace(/^\/backups\/?/, ""));
    const { searchParams: query } = url;
    const upload = uploads.get(query.get("uploadId") ?? "");
    if (method === "GET" && key === "")
      return say(200, query.has("uploads") ? listUploads() : listObjects(query.get("prefix") ?? ""));
    if (method === "GET")
      return objects.has(key) ? say(200, Buffer.from(objects.get(key) ?? "")) : say(404, "<Error><Code>NoSuchKey</Code></Error>");
    if (method === "POST" && query.has("uploads")) {
      const id = `${key} ${uploads.size}`;
      uploads.set(id, new Map());
      return say(200, `<R><UploadId>${id}</UploadId></R>`);
    }
    if (query.has("uploadId") && !upload) return say(404, "<Error><Code>NoSuchUpload</Code></Error>");
    if (method === "POST") {
      const parts = [...(upload ?? [])].sort(([one], [other]) => one - other).map(([, part]) => part);
      if (!lost) objects.set(key, Buffer.concat(parts));
      uploads.delete(query.get("uploadId") ?? "");
      return say(200, "<CompleteMultipartUploadResult/>");
    }
    if (method === "DELETE" && upload) uploads.delete(query.get("uploadId") ?? "");
    else if (method === "DELETE" && !lost) objects.delete(key);
    if (method === "DELETE") return say(204);
    if (upload && !lost) upload.set(Number(query.get("partNumber")), body);
    else if (!upload && !lost) objects.set(key, body);
    return say(200, "", { etag: '"e"' });
  }

  const listObjects = (prefix: string) => {
    const found = [...objects].filter(([key]) => key.startsWith(prefix));
    return `<ListBucketResult>${found.map(([key, { length }]) => `<Contents><Key>${key}</Key><Size>${length}</Size></Contents>`).join("")}</ListBucketResult>`;
  };
  const listUploads = () =>
    `<R>${[...uploads.keys()].map((id) => `<Upload><Key>${id.split(" ")[0]}</Key><UploadId>${id}</UploadId></Upload>`).join("")}</R>`;

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    uploads,
    get requests() {
      return requests;
    },
    meet(nth, fault, times, methods = ["GET", "PUT", "POST", "DELETE"]) {
      requests = 0;
      due = { from: nth, fault, times, methods };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
