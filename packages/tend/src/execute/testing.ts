import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepsNothing } from "../config/testing.ts";
import type { Event } from "../journal/events.ts";
import { fold, parseEvents } from "../journal/releases.ts";
import type { App, Fleet, Host } from "../model/fleet.ts";
import type { Plan } from "../plan/plan.ts";
import { box, web } from "../plan/testing.ts";
import { type Script, sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import { type Execution, execute, type News, type RunReport } from "./execute.ts";
import { runPaths } from "./host-script.ts";

/** For tests: a folder that is a host's state, where plans are executed for real, on this machine. */
export class Bench {
  readonly folder: string = mkdtempSync(join(tmpdir(), "tend-bench-"));
  readonly transport: LocalTransport = new LocalTransport(box);
  readonly host: Host = { name: box, reach: { kind: "local" }, state: this.folder };
  readonly news: string[] = [];

  file(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), "utf8") : "";
  }

  /** A script that leaves this line in the notes. */
  note(line: string): Script {
    return sh`echo ${line} >>${this.file("notes")}`;
  }

  get notes(): readonly string[] {
    return this.text("notes").split("\n").filter(Boolean);
  }

  play(plan: Plan, more: Partial<Execution> = {}): Promise<RunReport> {
    return execute({
      plan,
      host: this.host,
      transport: this.transport,
      paths: runPaths(this.folder, web, plan.id),
      by: "anna@laptop",
      on: (news) => this.news.push(inWords(news)),
      ...more,
    });
  }

  events(plan: Plan): readonly Event[] {
    return parseEvents(this.text(`runs/${plan.id}/events.jsonl`));
  }

  get journal(): readonly Event[] {
    return parseEvents(this.text("apps/web/journal.jsonl"));
  }

  get unfinished() {
    return fold(this.journal).unfinished;
  }

  get locked(): boolean {
    return existsSync(this.file("apps/web/lock"));
  }

  /** Where the app `web` stands, for what asks for a place. */
  get place(): { readonly fleet: Fleet; readonly host: Host; readonly app: App } {
    const app: App = {
      name: web,
      host: box,
      runtime: "compose",
      path: this.folder,
      compose: [],
      envFiles: [],
      profiles: [],
      source: { kind: "images", tags: new Map(), builds: new Map() },
      env: {},
      services: [],
      ...keepsNothing,
    };
    const fleet: Fleet = {
      name: "home",
      file: "/home/me/tend.yaml",
      hosts: new Map([[box, this.host]]),
      proxies: new Map(),
      apps: new Map([[web, app]]),
      dns: { servers: [], fronts: [], keepers: [] },
      doctor: { ignore: [] },
    };
    return { fleet, host: this.host, app };
  }

  async close(): Promise<void> {
    await this.transport.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function inWords(news: News): string {
  switch (news.type) {
    case "step.start":
      return `start ${news.step}`;
    case "step.end":
      return `${news.result} ${news.step}`;
    case "undo.start":
      return `undo ${news.count}`;
    case "undo.end":
      return `${news.result} ${news.title}`;
  }
}
