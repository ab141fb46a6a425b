import { checks } from "../../doctor/checks/index.ts";
import { scenesOf } from "../../doctor/diagnose.ts";
import type { ContainerSeen } from "../../doctor/facts/containers.ts";
import type { HopsSeen } from "../../doctor/facts/hops.ts";
import { type PartName, type Seen, seenOf } from "../../doctor/facts/index.ts";
import { Unmeasured } from "../../doctor/facts/part.ts";
import type { Socket } from "../../doctor/facts/sockets.ts";
import type { Finding } from "../../doctor/finding.ts";
import { gather } from "../../doctor/gather.ts";
import { judge } from "../../doctor/judge.ts";
import { related, type Scene } from "../../doctor/scene.ts";
import { walk } from "../../doctor/way/broken.ts";
import { type Outcome, PLACES, type Place } from "../../doctor/way/place.ts";
import { containersOf, type DeclaredWay, keyOf, proxyContainer, taken, waysOf } from "../../doctor/way/routed.ts";
import type { AppName } from "../../model/names.ts";
import type { Routed } from "../../proxy/routing.ts";
import type { Session } from "../../session.ts";

/** A declared route, followed: what stands along it, as far as that could be measured, and where it breaks. */
export interface Followed {
  readonly scene: Scene;
  readonly way: DeclaredWay;
  readonly proxy?: ContainerSeen;
  readonly routed?: Routed;
  readonly container?: ContainerSeen;
  readonly listens?: readonly Socket[];
  readonly asked?: HopsSeen;
  readonly outcome: Outcome;
  /** What the checks of proxies and routes say of it. */
  readonly findings: readonly Finding[];
}

const PARTS: readonly PartName[] = ["containers", "proxies", "sockets", "hops"];

/** Follows the declared routes of apps, host by host, side by side. */
export async function follow(session: Session, apps: readonly AppName[]): Promise<readonly Followed[]> {
  const scenes = await scenesOf(session, apps);
  const all = await Promise.all(
    scenes.map(async (scene) => {
      const ways = [...waysOf(scene)];
      if (ways.length === 0) return [];
      const seen = seenOf((await gather(session, scene, PARTS)).facts);
      return followed(seen, scene);
    }),
  );
  return all.flat();
}

/** Pure: of what was seen. */
export function followed(seen: Seen, scene: Scene): readonly Followed[] {
  const { failure } = seen.reach;
  if (failure) return [...waysOf(scene)].map((way) => ({ scene, way, outcome: { beside: failure.title }, findings: [] }));
  const { findings } = judge(
    checks.filter(({ id }) => /^(proxy|route|ctr\.unhealthy)\b/.test(id)),
    seen,
    scene,
  );
  const containers = measured(() => seen.containers) ?? [];
  return [...waysOf(scene)].map((way) => {
    const [container] = containersOf(scene, way, containers);
    return {
      scene,
      way,
      proxy: proxyContainer(way, containers),
      routed: measured(() => taken(seen, way)),
      container,
      listens: container && measured(() => seen.sockets[container.name]),
      asked: measured(() => seen.hops[keyOf(way)]),
      outcome: outcomeOf(seen, scene, way),
      findings: findings.filter((one) => isOf(one, way)),
    };
  });
}

function measured<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch (error) {
    if (error instanceof Unmeasured) return undefined;
    throw error;
  }
}

function outcomeOf(seen: Seen, scene: Scene, way: DeclaredWay): Outcome {
  try {
    return walk({ seen, scene, way, until: PLACES.at(-1) as Place });
  } catch (error) {
    if (error instanceof Unmeasured) return { beside: error.message };
    throw error;
  }
}

function isOf({ subject }: Finding, way: DeclaredWay): boolean {
  return related(subject, way.subject) || subject.endsWith(`/${way.proxy.container}`);
}
