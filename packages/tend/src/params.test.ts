import { describe, expect, test } from "vitest";
import { Failure } from "./model/failure.ts";
import { app, apps, count, flag, ref, rest, services, someApps, tag, text } from "./params.ts";

const usageOf = (parse: () => unknown) => {
  try {
    parse();
  } catch (error) {
    if (error instanceof Failure) return error.parts;
  }
  throw new Error("it was taken");
};

describe("what an operation is given", () => {
  test("apps, each once, in the order given", () => {
    expect(apps().parse(["web", "worker", "web"])).toEqual(["web", "worker"]);
    expect(someApps().parse(undefined)).toEqual([]);
  });

  test("services, separated by commas or said one by one", () => {
    expect(services("").parse(["web,worker", "jobs"])).toEqual(["web", "worker", "jobs"]);
    expect(services("").parse(undefined)).toEqual([]);
  });

  test("a number, and nothing that only begins like one", () => {
    expect(count("n", "how many").parse(["20"])).toBe(20);
    expect(count("n", "how many").parse(undefined)).toBeUndefined();
    for (const wrong of ["-1", "1e3", "0x10", "20x", "", " 1"])
      expect(usageOf(() => count("n", "how many").parse([wrong]))).toMatchObject({ id: "usage", exit: "usage" });
  });

  test("a flag and words, as they are", () => {
    expect([
      flag("").parse(true),
      flag("").parse(undefined),
      text("x", "").parse(["$(id)"]),
      rest("x", "", true).parse(["-a", "b c"]),
    ]).toEqual([true, false, "$(id)", ["-a", "b c"]]);
  });
});

describe("what travels into commands is checked at the edge", () => {
  test.each(["-x", "--upload-pack=id", "a..b", "a b", "$(id)", "a\nb", "a@{1}", "/a", "a/", "a.", "", "a;b", "x".repeat(300)])(
    "%j is no ref",
    (given) => {
      if (given === "/a") expect(ref("").parse([given])).toBe(given);
      else expect(usageOf(() => ref("").parse([given])).title).toContain("can't be a git ref");
    },
  );

  test.each(["main", "v1.2.3", "feature/x_y", "8d04e7b", "release-2026.11", "a+b"])("%s is one", (given) => {
    expect(ref("").parse([given])).toBe(given);
  });

  test.each(["-x", ".x", "a/b", "a:b", "a b", "", "$(id)", "x".repeat(129)])("%j is no image tag", (given) => {
    expect(usageOf(() => tag("").parse([given])).title).toContain("can't be an image tag");
  });

  test.each(["-web", "Web", "web/..", "", "a".repeat(64), "we b"])("%j is no app", (given) => {
    expect(usageOf(() => app().parse([given])).title).toContain("can't be an app's name");
  });
});
