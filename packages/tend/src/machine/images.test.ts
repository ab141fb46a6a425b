import { describe, expect, test } from "vitest";
import type { ContainerSeen } from "../doctor/facts/containers.ts";
import { factsOf, sceneOf } from "../doctor/testing.ts";
import type { ReleaseEvent } from "../journal/events.ts";
import { judgeImages } from "./images.ts";
import { type ImageStored, sizeOf } from "./stored.ts";

const scene = sceneOf();
const { containers } = factsOf() as unknown as { containers: { value: readonly ContainerSeen[] } };
const web = containers.value.find((one) => one.name === "skriptoteket-web") as ContainerSeen;

const release = (number: number, id: string, of?: number): ReleaseEvent => ({
  v: 1,
  at: "2026-11-20T12:00:00Z",
  type: "release",
  run: "r00000",
  app: "skriptoteket",
  release: number,
  operation: "deploy",
  by: "anna@laptop",
  of,
  images: { web: { ref: "registry.example/web:1", id, digests: [] } },
  configs: {},
  env: "",
});
const image = (id: string, tags: readonly string[], project?: string): ImageStored => ({
  id,
  tags,
  bytes: 1,
  project,
});
const seven = [1, 2, 3, 4, 5, 6, 7].map((number) => release(number, `sha256:${number}`));

function role(one: ImageStored, releases: readonly ReleaseEvent[] = seven) {
  return judgeImages(scene, { images: [one], releases: { skriptoteket: releases } }, containers.value)[0]?.role;
}

describe("what an image is there for", () => {
  test("what a container has is in use, whatever its release", () => {
    expect(role(image(web.image, []))).toBe("in-use");
  });

  test.each([3, 4, 5, 6, 7])("release %i can be brought back: its image stays", (number) => {
    expect(role(image(`sha256:${number}`, [`0.tend/skriptoteket/web:${number}`]))).toBe("kept");
    expect(role(image(`sha256:${number}`, [])), "tend's name for it was taken away by somebody").toBe("kept");
  });

  test("an older release's image is superseded, with the name that the release gave it", () => {
    expect(role(image("sha256:1", ["registry.example/web:1"]))).toBe("superseded");
    expect(role(image("sha256:1", []))).toBe("superseded");
    expect(role(image("sha256:2", ["0.tend/skriptoteket/web:2"]))).toBe("superseded");
  });

  test("a release that a kept one brought back stays, however old", () => {
    expect(role(image("sha256:1", []), [...seven, release(8, "sha256:1", 1)])).toBe("kept");
  });

  test("the same image under a name of somebody else's isn't ours", () => {
    expect(role(image("sha256:1", ["registry.example/web:1", "registry.example/other:1"]))).toBe("other");
    expect(role(image("sha256:1", ["0.tend/another-app/web:1"]))).toBe("other");
  });

  test("what another app's release needs stays, though that app isn't declared here", () => {
    const releases = { skriptoteket: seven, "skriptoteket.dev": [release(1, "sha256:1")] };
    expect(judgeImages(scene, { images: [image("sha256:1", [])], releases }, [])[0]?.role).toBe("kept");
    expect(judgeImages(scene, { images: [image("sha256:2", ["0.tend/skriptoteket.dev/web:2"])], releases }, [])[0]?.role).toBe(
      "other",
    );
  });

  test("a nameless image that was built for the app's project is superseded, one of another project isn't ours", () => {
    expect(role(image("sha256:f", [], web.project))).toBe("superseded");
    expect(role(image("sha256:f", [], "somebody-elses"))).toBe("other");
    expect(role(image("sha256:f", ["skriptoteket-web:latest"], web.project)), "built, and not deployed yet").toBe("other");
    expect(role(image("sha256:f", []))).toBe("other");
  });

  test("without a journal nothing is ours", () => {
    expect(role(image("sha256:1", ["registry.example/web:1"]), [])).toBe("other");
  });
});

test.each([
  ["1.738MB", 1_738_000],
  ["63B", 63],
  ["38.06kB", 38_060],
  ["0B (virtual 221MB)", 0],
  ["N/A", undefined],
])("%s is %s bytes", (text, bytes) => {
  expect(sizeOf(text)).toBe(bytes);
});
