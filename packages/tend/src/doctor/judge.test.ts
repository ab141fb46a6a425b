import { describe, expect, test } from "vitest";
import type { Check } from "./check.ts";
import { type Facts, seenOf } from "./facts/index.ts";
import { fail, pass, skip, type Verdict } from "./finding.ts";
import { type Diagnosis, judge } from "./judge.ts";
import { sceneOf, YAML } from "./testing.ts";

const check = (id: string, verdicts: readonly Verdict[], more: Partial<Check> = {}): Check => ({
  id,
  severity: "error",
  finds: `something about ${id}`,
  about: "It matters.",
  remedy: "Mend it, as one does.",
  fixClass: "person",
  *judge() {
    yield* verdicts;
  },
  ...more,
});

const failing = (subject: string, more: object = {}): Verdict =>
  fail(subject, { title: `${subject} is ill`, evidence: ["seen"], fix: { class: "person", text: "mend it" }, ...more });

const judged = (checks: readonly Check[], yaml = YAML, facts: Partial<Facts> = {}): Diagnosis =>
  judge(checks, seenOf(facts), sceneOf(yaml));

const roots = (diagnosis: Diagnosis) =>
  diagnosis.findings.map(({ id, subject, explains }) => [
    `${id} ${subject}`,
    ...explains.map((one) => `${one.id} ${one.subject}`),
  ]);

describe("what only follows from another finding is folded under it", () => {
  const network = check("proxy.network", [failing("hemma/web")]);
  const upstream = (subject: string) => check("proxy.upstream", [failing(subject)], { follows: ["proxy.network"] });

  test("on the same subject, on a part of it, or on what it is a part of", () => {
    for (const subject of ["hemma/web", "hemma/web/api", "hemma"]) {
      expect(roots(judged([upstream(subject), network]))).toEqual([["proxy.network hemma/web", `proxy.upstream ${subject}`]]);
    }
  });

  test("but not on a neighbour, whose name may even begin alike", () => {
    expect(roots(judged([upstream("hemma/web2"), network]))).toHaveLength(2);
  });

  test("on whatever else the cause says that it reaches", () => {
    const down = check("db.down", [failing("hemma/shared-postgres", { reaches: ["hemma/web"] })]);
    expect(roots(judged([check("ctr.unhealthy", [failing("hemma/web/api")], { follows: ["db.down"] }), down]))).toEqual([
      ["db.down hemma/shared-postgres", "ctr.unhealthy hemma/web/api"],
    ]);
  });

  test("all the way down to the root", () => {
    const third = check("route.public", [failing("hemma/web")], { follows: ["proxy.upstream"] });
    expect(roots(judged([third, upstream("hemma/web"), network]))).toEqual([
      ["proxy.network hemma/web", "route.public hemma/web", "proxy.upstream hemma/web"],
    ]);
  });

  test("and two roots at once are both told, the graver first", () => {
    const other = check("host.time.sync", [failing("hemma")], { severity: "warning" });
    expect(judged([other, network]).findings.map(({ id }) => id)).toEqual(["proxy.network", "host.time.sync"]);
  });

  test("a warning that explains an error counts as one", () => {
    const drift = check("compose.drift", [failing("hemma/web")], { severity: "warning" });
    const [finding] = judged([drift, check("route.public", [failing("hemma/web")], { follows: ["compose.drift"] })]).findings;
    expect(finding).toMatchObject({ id: "compose.drift", severity: "error" });
  });
});

test("a command is told with the environment that was asked about: without it, it would be about production", () => {
  const scene = sceneOf();
  const text = "look first: tend db shell skriptoteket. As tend acts there, nothing is lost";
  const operation = "tend restart skriptoteket --only web";
  const ill = check("ctr.loop", [failing("hemma/skriptoteket", { fix: { class: "plan", text, operation } })]);
  const apps = scene.apps.map((app) => ({ ...app, environment: "dev" }));
  const { findings } = judge([ill], seenOf({}), { ...scene, apps });
  expect(findings[0]?.fix).toMatchObject({
    text: "look first: tend -e dev db shell skriptoteket. As tend acts there, nothing is lost",
    operation: "tend -e dev restart skriptoteket --only web",
  });
});

describe("a check says nothing", () => {
  const counts = (diagnosis: Diagnosis) => [diagnosis.findings.length, diagnosis.counts];

  test("where one that it needs fails", () => {
    const { findings, counts } = judged([
      check("host.reachable", [failing("hemma")]),
      check("host.disk", [failing("hemma/disk:/")], { needs: ["host.reachable"] }),
    ]);
    expect([findings.map(({ id }) => id), counts.skip]).toEqual([["host.reachable"], 1]);
  });

  test("where one that it needs can't be told", () => {
    const unknown = check("host.engine", [], {
      *judge(seen) {
        if (seen.containers.length > 0) yield pass("hemma");
      },
    });
    const facts = { containers: { unmeasured: "permission denied" } };
    const diagnosis = judged([unknown, check("ctr.loop", [failing("hemma/web")], { needs: ["host.engine"] })], YAML, facts);
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.unknown).toEqual([{ id: "host.engine", subject: "hemma", why: "permission denied" }]);
  });

  test("before it has been so for long enough, where that is known", () => {
    const since = (lasting?: number) => check("ctr.loop", [failing("hemma/web", { lasting })], { settle: 120 });
    expect(counts(judged([since(30)]))).toMatchObject([0, { skip: 1, fail: 0 }]);
    expect(counts(judged([since(121)]))).toMatchObject([1, { fail: 1 }]);
    expect(counts(judged([since()]))).toMatchObject([1, { fail: 1 }]);
  });

  test("of what is only advice, unless that is asked for", () => {
    const advice = check("ctr.root", [failing("hemma/web")], { hardening: true, severity: "info" });
    expect(judged([advice]).findings).toEqual([]);
    expect(judge([advice], seenOf({}), sceneOf(), { hardening: true }).findings).toHaveLength(1);
  });
});

test("what a check trips over is tend's mistake: it is told as that, and the others go on", () => {
  const broken = check("ctr.odd", [], {
    judge() {
      throw new TypeError("x is undefined");
    },
  });
  const diagnosis = judged([broken, check("host.disk", [failing("hemma")])]);
  expect(diagnosis.crashed).toMatchObject([{ id: "ctr.odd", error: expect.stringContaining("x is undefined") }]);
  expect(diagnosis.findings.map(({ id }) => id)).toEqual(["host.disk"]);
});

describe("what is ignored", () => {
  const ignoring = (rule: string) => `${YAML}doctor:\n  ignore:\n    - { ${rule}, because: known since May }\n`;
  const loop = check("ctr.loop", [failing("hemma/web/api"), failing("hemma/web/worker")]);

  test("is neither found nor forgotten", () => {
    const { findings, ignored } = judged([loop], ignoring("check: ctr.loop, on: hemma/web/api, until: 2099-01-31"));
    expect(findings.map(({ subject }) => subject)).toEqual(["hemma/web/worker"]);
    expect(ignored).toEqual([
      {
        id: "ctr.loop",
        subject: "hemma/web/api",
        title: "hemma/web/api is ill",
        because: "known since May",
        until: "2099-01-31",
      },
    ]);
  });

  test("may be named by the end of the subject, by what it is part of, or wherever it is", () => {
    const left = (rule: string) => judged([loop], ignoring(`check: ctr.loop, ${rule}until: 2099-01-31`)).findings.length;
    expect([left("on: api, "), left("on: hemma/web, "), left("")]).toEqual([1, 0, 0]);
  });

  test("is told again after its day", () => {
    expect(judged([loop], ignoring("check: ctr.loop, until: 2020-01-31")).findings).toHaveLength(2);
  });
});

test("skips are counted, and are no findings", () => {
  expect(judged([check("tls.expiry", [skip("hemma/web", "it is plain http")])]).counts).toMatchObject({
    skip: 1,
    pass: 0,
    fail: 0,
  });
});

describe("text that comes from elsewhere", () => {
  const hostile = "\u001b[2J\u001b[31m✔ all is well\u0007\r\n\u202eerror[fake]: pay me\u0000";
  const [finding] = judged([
    check("ctr.loop", [
      fail(`hemma/${hostile}`, {
        title: hostile,
        evidence: [hostile, `password=hunter22 ${"x".repeat(10_000)}`, "3", "4", "5", "6", "7"],
        cause: hostile,
        fix: { class: "person", text: hostile, operation: hostile },
      }),
    ]),
  ]).findings;
  const all = JSON.stringify(finding);

  test("can't restyle, break or forge what is told", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(finding?.title).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(all).not.toMatch(/\\u001b|\\u202e|\\u0007|\\u0000|\\r/);
  });

  test("is cut to what a person reads, without its secrets", () => {
    expect(finding?.evidence).toHaveLength(5);
    expect(all.length).toBeLessThan(3000);
    expect(all).not.toContain("hunter22");
  });
});
