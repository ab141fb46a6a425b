import type { App, Fleet, Host, Service } from "../model/fleet.ts";
import type { Subject } from "./finding.ts";

/** What is looked at: a host, and those of its declared apps that were asked about. */
export interface Scene {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly apps: readonly App[];
  /** The time here when the look began. */
  readonly now: Date;
}

/** `hemma`, `hemma/skriptoteket`, `hemma/skriptoteket/web`; for what is no app's: `hemma/nginx-proxy`. */
export function subjectOf(scene: Scene, app?: App | string, part?: Service | string): Subject {
  return [scene.host.name, nameOf(app), nameOf(part)].filter((name) => name !== undefined).join("/");
}

function nameOf(thing: { readonly name: string } | string | undefined): string | undefined {
  return typeof thing === "string" ? thing : thing?.name;
}

/** One contains the other, or they are the same. */
export function related(one: Subject, other: Subject): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}
