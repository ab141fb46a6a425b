import { checks } from "../../doctor/checks/index.ts";
import { scenesOf } from "../../doctor/diagnose.ts";
import { type PartName, type Seen, seenOf } from "../../doctor/facts/index.ts";
import type { Finding } from "../../doctor/finding.ts";
import { gather } from "../../doctor/gather.ts";
import { judge } from "../../doctor/judge.ts";
import { related, type Scene } from "../../doctor/scene.ts";
import { walk } from "../../doctor/way/broken.ts";
import { type Outcome, PLACES, type Place } from "../../doctor/way/place.ts";
import { type DeclaredWay, waysOf } from "../../doctor/way/routed.ts";
import type { AppName } from "../../model/names.ts";
import type { Session } from "../../session.ts";

/** A declared route, followed. */
export interface Followed {
  readonly scene: Scene;
  readonly seen: Seen;
  readonly way: DeclaredWay;
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
      const { facts } = await gather(session, scene, PARTS);
      if ("value" in facts.reach) {
        const { failure } = facts.reach.value as Seen["reach"];
        if (failure)
          return ways.map(
            (way): Followed => ({ scene, seen: seenOf(facts), way, outcome: { beside: failure.title }, findings: [] }),
          );
      }
      const seen = seenOf(facts);
      const { findings } = judge(
        checks.filter(({ id }) => /^(proxy|route|ctr\.unhealthy)\b/.test(id)),
        seen,
        scene,
      );
      return ways.map((way) => ({
        scene,
        seen,
        way,
        outcome: outcomeOf(seen, scene, way),
        findings: findings.filter((one) => isOf(one, way)),
      }));
    }),
  );
  return all.flat();
}

function outcomeOf(seen: Seen, scene: Scene, way: DeclaredWay): Outcome {
  try {
    return walk({ seen, scene, way, until: PLACES.at(-1) as Place });
  } catch (error) {
    return { beside: error instanceof Error ? error.message : String(error) };
  }
}

function isOf({ subject }: Finding, way: DeclaredWay): boolean {
  return related(subject, way.subject) || subject.endsWith(`/${way.proxy.container}`);
}
