import { createServer } from "node:http";
import { FrontFolder, writeWhole } from "./files.ts";
import { identityOf } from "./identity.ts";
import { pass } from "./pass.ts";
import { Targets } from "./targets.ts";
import { tunnel } from "./tunnel.ts";

/** Idle connections are kept longer than browsers and proxies keep theirs: then it is they who close first. */
const IDLE_MS = 125_000;
/** Requests that are under way when the port is given back. */
const FINISH_MS = 9000;

/**
 * Holds a public port and passes what comes to whichever process is the service. It stays while processes come and
 * go: a SIGHUP makes it read the target file anew, and its state file says when it has.
 */
export async function serve(service: string, port: number, address: string | undefined): Promise<number> {
  const folder = new FrontFolder(service, port);
  const targets = new Targets(folder);
  let leaving = false;
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: IDLE_MS, highWaterMark: 64 * 1024 }, (request, response) => {
    if (leaving) response.setHeader("Connection", "close");
    void pass(request, response, targets);
  });
  server.on("upgrade", (request, socket, head) => void tunnel(request, socket, head, targets));
  process.on("SIGHUP", () => targets.reload());

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const identity = identityOf(process.pid) ?? "";
  writeWhole(folder.file("pid"), `${process.pid}\n`);
  writeWhole(folder.file("front.json"), { pid: process.pid, identity, port, address });

  return new Promise((resolve) => {
    const leave = () => {
      leaving = true;
      server.close(() => resolve(0));
      setTimeout(() => process.exit(0), FINISH_MS).unref();
    };
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, leave);
  });
}
