// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose files have them
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { readComposeFiles, variablesOf } from "../compose-files/files.ts";
import { interpolate, unsettledIn, withoutMarks, written } from "../compose-files/interpolate.ts";
import { resolveFiles } from "./resolve.ts";
import { breachesOf } from "./testing.ts";

function resolved(
  files: Readonly<Record<string, string>>,
  compose: readonly string[] = ["compose.yaml"],
  profiles: readonly string[] = [],
) {
  const read = (name: string) => files[posix.normalize(name)];
  const all = readComposeFiles({ files: compose, variables: variablesOf([read(".env")]), read });
  return { troubles: all.troubles, ...resolveFiles(all, { project: "shop", profiles }) };
}
const web = (files: Readonly<Record<string, string>>, compose?: readonly string[]) =>
  resolved(files, compose).services.get("web");

describe("variables", () => {
  const known = new Map([
    ["A", "a"],
    ["EMPTY", ""],
  ]);
  const put = (text: string) => withoutMarks(interpolate(text, known));

  test.each([
    ["$A and ${A}", "a and a"],
    ["${B:-b} ${B-b} ${EMPTY:-b} ${EMPTY-b}", "b b b "],
    ["${A:+x}${EMPTY:+x}${EMPTY+x}", "xx"],
    ["${A:?must be}${B:?must be}", "a"],
    ["${B:-${C:-c}}/${B:-${A}}", "c/a"],
    ["$$A $${A} cost: 5$", "$A ${A} cost: 5$"],
    ["${} ${-x ${A", "${} ${-x ${A"],
    ["${A }", "${A }"],
  ])("%s", (text, meant) => expect(put(text)).toBe(meant));

  test("that have no value here are remembered", () => {
    expect(unsettledIn({ image: interpolate("x:${TAG:-latest}-$A-$B", known) })).toEqual(["TAG", "B"]);
    expect(unsettledIn(interpolate("$A", known))).toEqual([]);
  });

  test("leave what is written in the file itself", () => expect(written("a${B:-b}$C${D:?e}")).toBe("ab"));
});

describe("several files", () => {
  const base =
    "services:\n  web:\n    image: a:1\n    ports: ['80:80']\n    labels: [x=1]\n    volumes: ['data:/data', './a:/a']\n    user: root\n";

  test("are laid over each other", () => {
    const over = "services:\n  web:\n    image: a:2\n    ports: ['81:81']\n    labels: { y: 2 }\n    volumes: ['./b:/a']\n";
    expect(web({ "a.yaml": base, "b.yaml": over }, ["a.yaml", "b.yaml"])).toMatchObject({
      image: "a:2",
      user: "root",
      ports: [{ target: "80" }, { target: "81" }],
      labels: { x: "1", y: "2" },
      volumes: [
        { source: "data", target: "/data" },
        { source: "b", target: "/a" },
      ],
    });
  });

  test("can take away and replace", () => {
    const over = "services:\n  web:\n    user: !reset null\n    ports: !override ['81:81']\n    labels: !reset {}\n";
    const found = web({ "a.yaml": base, "b.yaml": over }, ["a.yaml", "b.yaml"]);
    expect(found).toMatchObject({ ports: [{ target: "81" }], labels: {} });
    expect(found?.user).toBeUndefined();
    const one = "services:\n  web:\n    labels: { x: !reset null, y: 2 }\n";
    expect(web({ "a.yaml": base, "b.yaml": one }, ["a.yaml", "b.yaml"])?.labels).toEqual({ y: "2" });
    expect(web({ "a.yaml": base, "b.yaml": one }, ["b.yaml", "a.yaml"])?.labels).toEqual({ x: "1", y: "2" });
    const network = "networks: { edge: { external: true } }\n";
    const files = { "a.yaml": base + network, "b.yaml": "networks: { edge: !reset null }\n" };
    expect([...resolved(files, ["a.yaml", "b.yaml"]).networks.keys()]).toEqual(["default"]);
  });

  test("a finding is in the last file that says it, what is missing in the last that has the service", () => {
    const over = "services:\n  web:\n    privileged: true\n";
    const project = (rule: string) => ({
      files: { "a.yaml": base, "b.yaml": over },
      compose: ["a.yaml", "b.yaml"],
      app: `contract: { base: none, ${rule}: required }`,
    });
    expect(breachesOf(project("privileged"))).toEqual(["b.yaml:3:5  error[contract.privileged]: web is privileged"]);
    expect(breachesOf(project("user"))).toEqual(["a.yaml:7:5  warning[contract.user]: web runs as root"]);
    expect(breachesOf(project("memory"))).toEqual(["b.yaml:2:3  error[contract.memory]: web has no memory limit"]);
  });
});

describe("what a service brings in", () => {
  test("by extends, from another file, and its place there", () => {
    const files = {
      "compose.yaml": "services:\n  web:\n    extends: { file: base/base.yaml, service: plain }\n    image: a:1\n",
      "base/base.yaml":
        "services:\n  plain:\n    extends: plainer\n    mem_limit: 1g\n  plainer:\n    privileged: true\n    image: b:1\n",
    };
    expect(web(files)).toMatchObject({ image: "a:1", memory: 1024 ** 3, privileged: true });
    expect(breachesOf({ files, app: "contract: { base: none, privileged: required }" })).toEqual([
      "base/base.yaml:6:5  error[contract.privileged]: web is privileged",
    ]);
  });

  test("by anchors and merges, the nearest first", () => {
    const text =
      "x-a: &a { mem_limit: 1g, user: a }\nx-b: &b { user: b, pid: host }\nservices:\n  web:\n    <<: [*a, *b]\n    user: own\n  job: { <<: *b, image: j }\n";
    expect(web({ "compose.yaml": text })).toMatchObject({ memory: 1024 ** 3, user: "own", pid: "host" });
    expect(
      breachesOf({ files: { "compose.yaml": text }, app: "contract: { base: none, privileged: required }\nservices: [web]" }),
    ).toEqual(["compose.yaml:2:20  error[contract.privileged]: web sees the host's processes"]);
  });

  test("by include, with an env file of its own", () => {
    const files = {
      "compose.yaml": "include: [{ path: db/compose.yaml, env_file: db/db.env }]\nservices: { web: { image: a:1 } }\n",
      "db/compose.yaml": "services: { db: { image: 'postgres:${MAJOR}' } }\n",
      "db/db.env": "MAJOR=17\n",
    };
    expect(resolved(files).services.get("db")?.image).toBe("postgres:17");
  });

  test("by include, of several files, with several env files and a folder of its own", () => {
    const files = {
      "compose.yaml":
        "include: [{ path: [db/compose.yaml, '${MORE:-db/more.yaml}'], project_directory: srv, env_file: [db/a.env, db/b.env] }]\n",
      "db/compose.yaml": "services: { db: { image: 'postgres:${MAJOR}', volumes: ['./data:/data', '/srv/x:/x', '~/y:/y'] } }\n",
      "db/more.yaml": "services: { db: { build: ../db } }\n",
      "db/a.env": "MAJOR=16\n",
      "db/b.env": "MAJOR=17\n",
    };
    const { troubles, services } = resolved(files);
    expect(troubles).toEqual([]);
    expect(services.get("db")).toMatchObject({
      image: "postgres:17",
      build: { context: "db" },
      volumes: [{ source: "srv/data" }, { source: "/srv/x" }, { source: "~/y" }],
    });
  });

  test("with its paths from the file that has them", () => {
    const files = {
      "compose.yaml": "services: { web: { extends: { file: base/base.yaml, service: plain }, volumes: ['./own:/own'] } }\n",
      "base/base.yaml": "services: { plain: { build: ., volumes: ['./data:/data'] } }\n",
    };
    expect(web(files)).toMatchObject({
      build: { context: "base", dockerfile: "Dockerfile" },
      volumes: [{ source: "base/data" }, { source: "own" }],
    });
  });

  test("only with its profile", () => {
    const text = "services: { web: { image: a:1 }, job: { image: b:1, profiles: [jobs] } }\n";
    expect([...resolved({ "compose.yaml": text }).services.keys()]).toEqual(["web"]);
    expect([...resolved({ "compose.yaml": text }, undefined, ["jobs"]).services.keys()]).toEqual(["web", "job"]);
  });

  test("or it says what it can't follow", () => {
    const troubles = (text: string) => resolved({ "compose.yaml": text }).troubles;
    expect(troubles("include: ['https://example.org/compose.yaml']\nservices: {}\n")).toEqual([
      "compose.yaml includes https:…, which isn't followed",
    ]);
    expect(troubles("include: [other.yaml]\n")).toEqual(["compose.yaml includes other.yaml, which can't be read"]);
    expect(troubles("services: { web: { extends: web } }\n")).toEqual(["compose.yaml: web extends itself"]);
    expect(troubles("services: { web: { extends: { file: x.yaml, service: a } } }\n")).toEqual([
      "compose.yaml extends a of x.yaml, which can't be read",
    ]);
  });
});
