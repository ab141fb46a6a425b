import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { actionScript } from "../../execute/host-script.ts";
import type { ReleaseEvent } from "../../journal/events.ts";
import { storedPlan } from "../../journal/stored-plan.ts";
import { type ImageTag, imageTag, type ServiceName, serviceName } from "../../model/names.ts";
import type { Draft, Place, Wanted } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { composeSituation } from "./situation.ts";
import {
  CANARY,
  codeOf,
  container,
  context,
  type Example,
  factsOf,
  HEAD,
  id,
  placeOf,
  planOfDraft,
  releaseOf,
  textOf,
} from "./testing.ts";

/** Each as a dry run shows it: what stands in golden/ is what would be run. */
interface Case {
  readonly name: string;
  readonly operation: string;
  readonly place: Place;
  readonly facts: ComposeFacts;
  readonly draft: Draft;
}

const all = { only: [], forceRecreate: false } as const;

interface Given {
  readonly facts?: (facts: ComposeFacts) => Partial<ComposeFacts>;
  readonly wanted?: Wanted;
  readonly declared?: (yaml: string) => string;
}

type Do = (app: ReturnType<typeof composeSituation>, facts: ComposeFacts) => Draft;

function kase(name: string, operation: string, given: Given, draft: Do): Case {
  const example = name.split("-")[0] as Example;
  const place = placeOf(example, given.declared);
  const { wanted = {} } = given;
  const facts = factsOf(place, example, given.facts?.(factsOf(place, example)), wanted.tag);
  return { name, operation, place, facts, draft: draft(composeSituation(place, wanted, facts), facts) };
}

/** Two releases: the first of older images, the second of what runs. */
function released(facts: ComposeFacts): Partial<ComposeFacts> {
  const second = releaseOf(facts, 2);
  const older = Object.entries(second.images).map(([name, image]) => [
    name,
    { ...image, ref: image.ref.replace(/:(1\.0\.0|3f2a91c)$/, ":0.9.0"), id: id("f") },
  ]);
  const first = releaseOf(facts, 1, {
    images: Object.fromEntries(older),
    code: facts.code && { commit: "1".repeat(40), branch: "main", subject: "First" },
    tags: Object.fromEntries(Object.keys(facts.tags).map((name) => [name, "0.9.0"])),
  });
  const kept = Object.fromEntries(
    Object.keys(second.images).flatMap((name) => [
      [`${name}:1`, id("f")],
      [`${name}:2`, id("a")],
    ]),
  );
  return { releases: [first, second], kept };
}

const upToDate = codeOf({ commit: HEAD, subject: "Add tools", ahead: 0 });

const deploy: Do = (app) => app.deploy(context, all);
const force: Do = (app) => app.deploy(context, { only: [], forceRecreate: true });
const rollback: Do = (app, facts) => app.rollback(context, facts.releases[0] as ReleaseEvent);
const running = { facts: released };
const unchanged = { facts: (facts: ComposeFacts) => ({ ...released(facts), code: upToDate }) };
const leftOver = (facts: ComposeFacts) => ({
  ...released(facts),
  containers: [
    ...facts.containers,
    container("web", { name: "skriptoteket-web-surge-r1dead", oneOff: true, project: "skriptoteket" }),
  ],
});
const tagged = (tag: string) => ({ facts: released, wanted: { tag: imageTag.parse(tag) as ImageTag } });

const cases: readonly Case[] = [
  kase("skriptoteket-first-deploy", "deploy", {}, deploy),
  kase("skriptoteket-deploy", "deploy", running, deploy),
  kase("skriptoteket-nothing-to-do", "deploy", unchanged, deploy),
  kase("skriptoteket-forced", "deploy", unchanged, force),
  kase("skriptoteket-never-started", "deploy", { facts: () => ({ containers: [], images: {} }) }, deploy),
  kase("skriptoteket-rollback", "rollback", running, rollback),
  kase("skriptoteket-recreate", "recreate", running, (app) => app.recreate(context, [])),
  kase("skriptoteket-restart", "restart", running, (app) => app.power(context, "restart", [])),
  kase("skriptoteket-build", "build", running, (app) => app.build(context, { services: [], push: false })),
  kase(
    "skriptoteket-behind-caddy-with-a-leftover",
    "deploy",
    { facts: leftOver, declared: (yaml) => yaml.replace("kind: nginx-proxy", "kind: caddy") },
    deploy,
  ),
  kase("legal-deploy", "deploy", running, deploy),
  kase("legal-deploy-only-backend", "deploy", running, (app) =>
    app.deploy(context, { only: [serviceName.parse("backend") as ServiceName], forceRecreate: false }),
  ),
  kase("legal-deploy-tag", "deploy", tagged("1.1.0"), deploy),
  kase("legal-rollback", "rollback", running, rollback),
  kase("legal-restart", "restart", running, (app) => app.power(context, "restart", [])),
  kase("legal-build-and-push", "build", running, (app) => app.build(context, { services: [], push: true })),
  kase("quartermaster-deploy-tag", "deploy", tagged("8d04e7b"), deploy),
  kase("quartermaster-rollback", "rollback", running, rollback),
  kase("quartermaster-stop", "stop", running, (app) => app.power(context, "stop", [])),
  kase(
    "quartermaster-behind-traefik-without-downtime",
    "deploy",
    { facts: released, declared: (yaml) => yaml.replace(/ +role: single-writer\n/, "") },
    force,
  ),
];

describe.each(cases.map((one) => [one.name, one] as const))("%s", (name, { operation, place, facts, draft }) => {
  const plan = planOfDraft(operation, place, facts, draft);

  test("is shown as it is kept in golden/", async () => {
    await expect(textOf(operation, place, facts, draft)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("holds no secret of the env files and the configuration", () => {
    expect(JSON.stringify(facts.config?.services.get("none") ?? [...(facts.config?.services.values() ?? [])])).not.toContain(
      CANARY,
    );
    expect(JSON.stringify(plan)).not.toContain(CANARY);
  });

  test("names each step once, by a name that can stand in a file name and an event", () => {
    const ids = plan.steps.map((step) => step.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of [...ids, ...plan.steps.flatMap((step) => step.guard?.id ?? [])]) expect(one).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test("takes back only what it does", () => {
    for (const { of } of plan.undo) expect(plan.steps.map((step) => step.id)).toContain(of);
  });

  test("prepares before it switches, and records last", () => {
    const phases = plan.steps.map((step) => ["prepare", "switch", "finish"].indexOf(step.phase));
    expect(phases).toEqual(phases.toSorted());
  });

  test("is shell that a POSIX sh can read, every line of it", () => {
    for (const { action } of [...plan.steps, ...plan.undo]) {
      if (action.kind === "probe") continue;
      const { status, stderr } = spawnSync("sh", ["-n"], { input: actionScript(action).text, encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
    }
  });

  test("never takes away data", () => {
    const text = JSON.stringify(plan);
    expect(text).not.toMatch(
      /\bvolume (rm|prune)|\bdown\b[^"]*(-v|--volumes)|system prune|reset --hard|clean -[a-z]*f|pg_restore[^"]*--clean/,
    );
  });

  test("is the same plan when it is read back from where it was kept", () => {
    expect(JSON.stringify(storedPlan(JSON.stringify(plan)))).toBe(JSON.stringify(plan));
  });

  test("is the same plan when it is made again of the same facts", () => {
    expect(JSON.parse(JSON.stringify(plan))).toEqual(JSON.parse(JSON.stringify(planOfDraft(operation, place, facts, draft))));
  });
});
