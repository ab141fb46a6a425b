import type { AppName, HostName } from "../model/names.ts";
import type { Session } from "../session.ts";
import type { Check } from "./check.ts";
import { checks } from "./checks/index.ts";
import { seenOf } from "./facts/index.ts";
import { type Gathered, gather } from "./gather.ts";
import { type Diagnosis, judge } from "./judge.ts";
import type { Scene } from "./scene.ts";

export interface Examined {
  readonly scene: Scene;
  readonly gathered: Gathered;
  readonly diagnosis: Diagnosis;
}

export interface Asked {
  readonly apps: readonly AppName[];
  /** Ids or areas; all when empty. */
  readonly only: readonly string[];
  readonly hardening: boolean;
}

/** Looks at hosts, side by side, and judges what was seen. */
export async function examineAll(session: Session, asked: Asked): Promise<readonly Examined[]> {
  const scenes = await scenesOf(session, asked.apps);
  return Promise.all(scenes.map((scene) => examine(session, scene, asked)));
}

export async function examine(session: Session, scene: Scene, asked: Omit<Asked, "apps">): Promise<Examined> {
  const gathered = await gather(session, scene);
  return { scene, gathered, diagnosis: judge(chosen(asked.only), seenOf(gathered.facts), scene, asked) };
}

/** The hosts that are meant: those of the apps, with these; else every host with all its apps. */
export async function scenesOf(session: Session, apps: readonly AppName[]): Promise<readonly Scene[]> {
  const fleet = await session.fleet();
  const places = await session.places(apps);
  const hosts = apps.length > 0 ? new Set(places.map((place) => place.host.name)) : new Set<HostName>(fleet.hosts.keys());
  const now = new Date();
  return [...hosts].flatMap((name) => {
    const host = fleet.hosts.get(name);
    return host ? [{ fleet, host, now, apps: places.flatMap((place) => (place.host.name === name ? [place.app] : [])) }] : [];
  });
}

function chosen(only: readonly string[]): readonly Check[] {
  return only.length === 0 ? checks : checks.filter(({ id }) => only.some((one) => id === one || id.startsWith(`${one}.`)));
}
