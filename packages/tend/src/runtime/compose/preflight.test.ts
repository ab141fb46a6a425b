import { describe, expect, test } from "vitest";
import { Failure, type FailureParts } from "../../model/failure.ts";
import type { ServiceName } from "../../model/names.ts";
import type { Wanted } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { composeSituation } from "./situation.ts";
import { codeOf, context, type Example, factsOf, placeOf } from "./testing.ts";

function refusal(
  example: Example,
  more: Partial<ComposeFacts>,
  wanted: Wanted = {},
  change?: (yaml: string) => string,
): FailureParts {
  const place = placeOf(example, change);
  try {
    composeSituation(place, wanted, factsOf(place, example, more)).deploy(context, { only: [], forceRecreate: false });
  } catch (error) {
    if (error instanceof Failure) return error.parts;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a deploy is refused before anything changes", () => {
  test("when Docker's daemon doesn't answer", () => {
    const parts = refusal("skriptoteket", {
      dockerTrouble: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    });
    expect(parts).toMatchObject({ id: "docker.unreachable", exit: "unreachable", changed: "nothing" });
    expect(parts.help).toContain("systemctl status docker");
  });

  test("when docker isn't there, or may not be used: and what to do is said", () => {
    expect(refusal("skriptoteket", { dockerTrouble: "sh: 1: docker: not found" }).help).toContain("hosts.hemma.docker");
    const denied = "permission denied while trying to connect to the Docker daemon socket";
    expect(refusal("skriptoteket", { dockerTrouble: denied }).help).toContain("usermod -aG docker");
  });

  test("when Compose can't resolve the files: in its own words", () => {
    const parts = refusal("skriptoteket", { config: undefined, configTrouble: "yaml: line 4: did not find expected key" });
    expect(parts).toMatchObject({ id: "compose.config", exit: "refused", evidence: ["yaml: line 4: did not find expected key"] });
  });

  test("when a declared service isn't in the compose files: with the nearest that is", () => {
    const parts = refusal("legal", {}, {}, (yaml) => yaml.replace("compose: legal-frontend", "compose: legal-frontnd"));
    expect(parts).toMatchObject({ id: "compose.service", title: 'the compose files have no service "legal-frontnd"' });
    expect(parts.help).toContain('did you mean "legal-frontend"?');
  });

  test("when a variable isn't set: by its name, and where to set it", () => {
    const parts = refusal("skriptoteket", { unset: ["SKRIPTOTEKET_DB_PASSWORD"] });
    expect(parts).toMatchObject({ id: "env.unset", title: "a variable is not set: SKRIPTOTEKET_DB_PASSWORD" });
    expect(parts.help).toContain("/home/anna/apps/skriptoteket/.env");
  });

  test("when a network that others own is missing", () => {
    const parts = refusal("skriptoteket", { networks: ["bridge"] });
    expect(parts).toMatchObject({ id: "network.missing", help: "on the host: docker network create edge-network" });
  });

  test("when the disk is full", () => {
    const parts = refusal("skriptoteket", { disks: [{ mount: "/var/lib/docker", free: 100 * 1024 * 1024, of: "docker" }] });
    expect(parts).toMatchObject({ id: "disk.full" });
    expect(parts.title).toContain("100 MB");
  });

  test("when the checkout has changes that no commit has: with the files, and it is never reset", () => {
    const dirty = [" M compose.prod.yaml", " M src/main.ts"];
    expect(refusal("skriptoteket", { code: codeOf({}, { dirty }) })).toMatchObject({ id: "code.dirty", evidence: dirty });
    const many = Array.from({ length: 9 }, (_, at) => ` M file-${at}`);
    expect(refusal("skriptoteket", { code: codeOf({}, { dirty: many }) }).evidence?.at(-1)).toBe("… and 5 more");
  });

  test("when the folder is no checkout", () => {
    const codeTrouble = "fatal: not a git repository (or any of the parent directories): .git";
    expect(refusal("skriptoteket", { code: undefined, codeTrouble })).toMatchObject({
      id: "code.checkout",
      evidence: [codeTrouble],
    });
  });

  test("when the commit isn't found", () => {
    const code = { ...codeOf(), target: undefined, trouble: "fatal: couldn't find remote ref nope" };
    expect(refusal("skriptoteket", { code })).toMatchObject({ id: "code.target" });
  });

  test("when the checkout has commits of its own", () => {
    expect(refusal("skriptoteket", { code: codeOf({ ahead: 1, behind: 2 }) })).toMatchObject({ id: "code.diverged" });
  });

  test("when a tag is asked for, and nobody knows where it belongs", () => {
    const tag = "1.0" as NonNullable<Wanted["tag"]>;
    const parts = refusal("legal", {}, { tag }, (yaml) => yaml.replace(/ +tags: .*\n/, ""));
    expect(parts).toMatchObject({ id: "usage", exit: "usage" });
  });

  test("and everything else that is wrong is named with it", () => {
    const parts = refusal("skriptoteket", { unset: ["A"], networks: [], disks: [{ mount: "/", free: 0, of: "app" }] });
    expect(parts.id).toBe("env.unset");
    expect(parts.evidence?.join("\n")).toMatch(/also: .*edge-network.*the disk at \//);
    expect(parts.evidence?.length).toBeLessThanOrEqual(5);
  });
});

test("a service that the app hasn't is a mistake of the command line, with the nearest that it has", () => {
  const place = placeOf("legal");
  const situation = composeSituation(place, {}, factsOf(place, "legal"));
  expect(() => situation.deploy(context, { only: ["backnd" as ServiceName], forceRecreate: false })).toThrow(
    expect.objectContaining({ id: "usage", parts: expect.objectContaining({ help: 'did you mean "backend"?' }) }),
  );
});

test("what another app of the same project is missing is no reason", () => {
  const place = placeOf("legal");
  const facts = factsOf(place, "legal");
  const draft = composeSituation(place, {}, facts).deploy(context, { only: [], forceRecreate: false });
  expect(JSON.stringify(draft)).not.toContain("auth_app");
});
