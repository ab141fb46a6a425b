// docker-gen [-watch] [-notify COMMAND] TEMPLATE DESTINATION — the part of it that nginx-proxy uses.
// The template's name is taken and ignored: this one is template.ts.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { coalesce, connect } from "../engine-api/engine.ts";
import { nginxConfiguration } from "./template.ts";

// Go programs take -flag where Node expects --flag.
const { values: options, positionals } = parseArgs({
  args: process.argv.slice(2).map((arg) => arg.replace(/^-(?=watch$|notify$)/, "--")),
  options: { watch: { type: "boolean", default: false }, notify: { type: "string" } },
  allowPositionals: true,
});
const destination = positionals[1] ?? usage();

const engine = connect((process.env.DOCKER_HOST ?? "unix:///tmp/docker.sock").replace(/^unix:\/\//, ""));

// Health changes cause a new file like the others, but no template line reads health. Network changes cause none:
// nginx-proxy before 1.10 doesn't listen for them, so a container connected later stays unreachable till the next event.
const relevant = /^(start|stop|die|health_status)/;

async function generate(): Promise<void> {
  const containers = await engine.running();
  const self = await engine.inspect(ownId());
  const text = nginxConfiguration(containers, self);
  if (existsSync(destination) && readFileSync(destination, "utf8") === text) {
    log(`Contents of ${destination} did not change. Skipping notification '${options.notify ?? ""}'`);
    return;
  }
  writeFileSync(`${destination}.new`, text);
  renameSync(`${destination}.new`, destination);
  log(`Generated '${destination}' from ${containers.length} containers`);
  if (options.notify !== undefined) notify(options.notify);
}

function notify(command: string): void {
  log(`Running '${command}'`);
  try {
    execFileSync("/bin/sh", ["-c", command], { stdio: "inherit" });
  } catch {
    log(`Error running notify command: ${command}`);
  }
}

function usage(): never {
  console.error("usage: docker-gen [-watch] [-notify COMMAND] TEMPLATE DESTINATION");
  process.exit(2);
}

// A container may have any hostname; where its own files are mounted from gives its id away.
function ownId(): string {
  return /\/containers\/([0-9a-f]{64})\//.exec(readFileSync("/proc/self/mountinfo", "utf8"))?.[1] ?? hostname();
}

function log(message: string): void {
  console.log(`dockergen | ${new Date().toISOString()} ${message}`);
}

async function watch(): Promise<never> {
  const regenerate = coalesce(generate);
  for (;;) {
    const watching = engine.events((event) => {
      if (!relevant.test(event.Action)) return;
      log(`Received event ${event.Action} for container ${event.Actor.ID.slice(0, 12)}`);
      regenerate();
    });
    regenerate();
    log("Watching docker events");
    await watching.catch((error: unknown) => log(String(error)));
    await sleep(1000);
  }
}

await (options.watch ? watch() : generate());
