import { describe, expect, test } from "vitest";
import { seenOf } from "../../doctor/facts/index.ts";
import { type Changes, container, factsOf, sceneOf, YAML } from "../../doctor/testing.ts";
import { type DomainName, domainName } from "../../model/names.ts";
import { sh } from "../../transport/argv.ts";
import { type Added, draftOf, newRoute, type Wanted } from "./add.ts";
import { hopsOf } from "./check.ts";
import { rowOf } from "./list.ts";
import { followed } from "./look.ts";

const REFUSED = { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" };

/** The one route of the recorded host, followed. */
function one(changes: Changes = {}, yaml: string = YAML) {
  const scene = sceneOf(yaml);
  const [found] = followed(seenOf(factsOf(changes, scene)), scene);
  if (!found) throw new Error("no route");
  return found;
}
const marks = (changes: Changes = {}, yaml?: string) => hopsOf(one(changes, yaml)).map(({ hop, ok }) => `${hop} ${ok}`);

describe("a declared route", () => {
  test("is listed with what stands there", () => {
    expect(rowOf(one())).toMatchObject({
      domain: "skriptoteket.example",
      port: 8000,
      container: "skriptoteket-web",
      broken: undefined,
      answers: expect.stringMatching(/^200 in \d+ ms$/),
    });
    expect(marks()).toEqual(["public true", "proxy true", "network true", "container true", "app true"]);
  });

  test("is listed with what is known where the rest could not be measured, and why", () => {
    const row = rowOf(one({ proxies: REFUSED }));
    expect(row).toMatchObject({
      container: "skriptoteket-web",
      port: 8000,
      answers: expect.stringMatching(/^not known: permission/),
    });
    expect(rowOf(one({ containers: REFUSED }))).toMatchObject({
      container: undefined,
      answers: expect.stringMatching(/^not known/),
    });
  });

  test("breaks at one hop", () => {
    expect(marks({ containers: container("skriptoteket-web", () => ({ networks: {} })) })).toContain("network false");
    expect(marks({ containers: container("nginx-proxy", () => ({ state: "exited" })) })).toContain("proxy false");
  });

  test("needs no network of both, where the proxy goes by the host's ports", () => {
    const apart = container("skriptoteket-web", () => ({ networks: {}, networkMode: "host" }));
    expect(marks({ containers: apart }, YAML.replace("kind: nginx-proxy", "kind: nginx"))).toContain("network undefined");
  });
});

describe("a new route", () => {
  const { way, proxy, container: web } = one();
  const wanted: Wanted = { ...way, port: 8000, domain: domainName.parse("new.example") as DomainName };
  const network = (...names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { id: "", address: "10.0.0.3", aliases: [] }]));
  if (!proxy || !web) throw new Error("nothing stands there");

  test.each([
    [
      "the declared one, where both are on it",
      "edge-network",
      ["a", "edge-network"],
      ["edge-network", "z"],
      "edge-network",
      true,
    ],
    ["one that both are on, where that isn't the declared one", "edge-network", ["a", "z"], ["edge-network", "z"], "z", true],
    ["one that both are on, where none is declared", undefined, ["a", "z"], ["x", "z"], "z", true],
    ["the declared one, where none is shared", "edge-network", ["a"], ["z", "edge-network"], "edge-network", false],
    ["the proxy's first, where nothing else is known", undefined, ["a"], ["z", "y"], "z", false],
  ])("goes over %s", (_, declared, own, fronts, goes, joined) => {
    const asked = { ...wanted, proxy: { ...wanted.proxy, network: declared } };
    const route = newRoute(asked, { ...proxy, networks: network(...fronts) }, { ...web, networks: network(...own) });
    expect([route.network, route.joined]).toEqual([goes, joined]);
  });

  test("over the container's own network, where the proxy is in the host's", () => {
    const front = { ...proxy, networkMode: "host", networks: network("host") };
    expect(newRoute({ ...wanted, proxy: { ...wanted.proxy, network: undefined } }, front, web).network).toBe("edge-network");
  });

  const file: Added["addition"] = { kind: "file", path: "/srv/new.conf", content: "x", load: sh`check and load` };
  const drafted = (addition: Added["addition"], more: Partial<Added> = {}) =>
    draftOf({ wanted, addition, there: false, left: [], ...more });

  test("that is a file is written, loaded, and taken away where it is refused; then the rest is loaded again", () => {
    const { steps, undo } = drafted(file);
    expect(steps.map(({ id }) => id)).toEqual(["write", "load"]);
    expect(JSON.stringify(undo)).toMatch(/rm -f \/srv\/new\.conf.*docker-gen.*nginx -t && .*nginx -s reload/);
    expect(drafted(file, { there: true }).nothing).toContain("/srv/new.conf is as it should be");
  });

  test("that is lines says what is to be done with them", () => {
    const inCompose = { kind: "lines" as const, where: "the compose file", lines: ["services:"] };
    expect(drafted(inCompose, { left: ["DNS: …"] }).nothing).toBe(
      "it is for you to put this into the compose file:\n    services:\n  DNS: …\n  then: tend deploy skriptoteket",
    );
    expect(drafted({ ...inCompose, load: sh`nginx -s reload` }).nothing).toContain("then: nginx -s reload");
  });
});
