import { seenOf } from "../doctor/facts/index.ts";
import type { HostPart } from "../doctor/facts/part.ts";
import { askHost } from "../doctor/gather.ts";
import type { Scene } from "../doctor/scene.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { HostName } from "../model/names.ts";
import { unknownHost } from "../session.ts";
import type { Transport } from "../transport/transport.ts";

/** What a part answered, or why it didn't. */
export type Answered<T> = { readonly value: T } | { readonly unmeasured: string };
type Parts = Readonly<Record<string, HostPart<unknown>>>;
export type AnswersOf<P extends Parts> = {
  readonly [K in keyof P]: Answered<P[K] extends HostPart<infer T> ? T : never>;
};

/** Asks a host some of doctor's questions, in one round trip. What can't be measured says why, and holds nothing up. */
export async function ask<P extends Parts>(transport: Transport, scene: Scene, parts: P): Promise<AnswersOf<P>> {
  const { facts } = await askHost(transport, scene, Object.entries(parts), seenOf({}));
  return facts as unknown as AnswersOf<P>;
}

/** The value, or undefined where it could not be measured. */
export function known<T>(answer: Answered<T>): T | undefined {
  return "value" in answer ? answer.value : undefined;
}

/** A host with all its declared apps. */
export function sceneOfHost(fleet: Fleet, host: Host): Scene {
  return { fleet, host, apps: [...fleet.apps.values()].filter((app) => app.host === host.name), now: new Date() };
}

/** The hosts that are named, or all. */
export function chosenHosts(fleet: Fleet, names: readonly HostName[]): readonly HostName[] {
  for (const name of names) if (!fleet.hosts.has(name)) throw unknownHost(fleet, name);
  return names.length > 0 ? names : [...fleet.hosts.keys()];
}
