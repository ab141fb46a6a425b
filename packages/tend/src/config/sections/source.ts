import { type EnvName, envName, type GitRef, gitRef, type ServiceName, serviceName } from "../../model/names.ts";
import { mapOf, named, path, section, text } from "../values.ts";

/** Where new code comes from, as declared; which services that means is settled with the app's other keys. */
export type DeclaredSource =
  | { readonly kind: "git"; readonly branch: GitRef }
  | { readonly kind: "image"; readonly tag: EnvName }
  | {
      readonly kind: "images";
      readonly tags: Partial<Record<ServiceName, EnvName>>;
      readonly builds: Partial<Record<ServiceName, string>>;
    };

const fields = {
  git: named<"ref">(gitRef)
    .optional()
    .describe("A branch: the folder on the host is a checkout of it; tend pulls and builds there."),
  image: text("an image without tag, such as registry.example/web", /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/)
    .optional()
    .describe("One image, without tag, that all services of the app run; needs tag."),
  tag: section("{ env: NAME }, the variable that holds the tag", {
    env: named<"env">(envName).describe("The variable, as the compose file uses it: image: REPO:$NAME."),
  })
    .optional()
    .describe("Which variable of the app's env file holds the image's tag."),
  images: text("a registry or a repository's beginning, such as ghcr.io", /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9._-]+)*$/)
    .optional()
    .describe("A registry: the services run the images that the compose file names, pulled from there."),
  tags: mapOf(named<"service">(serviceName), named<"env">(envName), "a map from service to variable")
    .optional()
    .describe("With images: which variable of the env file holds a service's tag."),
  build: mapOf(named<"service">(serviceName), path, "a map from service to folder")
    .optional()
    .describe("With images: the folder, relative to this file, that a service's image is built from before it is pushed."),
};

export const source = section("a map with git, image or images", fields)
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const given = Object.keys(value).filter((key) => value[key as keyof typeof value] !== undefined);
    const fault = faultOf(given);
    if (!fault) return;
    const [path, spot] = fault.key ? [[fault.key], "key"] : [[], "value"];
    issues.push({ code: "custom", path, message: fault.expected, input: value, params: { says: fault.says, spot } });
  })
  .transform((value): DeclaredSource => {
    if (value.git) return { kind: "git", branch: value.git };
    if (value.tag) return { kind: "image", tag: value.tag.env };
    return { kind: "images", tags: value.tags ?? {}, builds: value.build ?? {} };
  })
  .meta({ oneOf: [{ required: ["git"] }, { required: ["image", "tag"] }, { required: ["images"] }] })
  .describe(
    "Where new code comes from: built on the host from git, or images from a registry. Default: the images that the compose file names.",
  );

/** Which keys go with each kind of source. */
const TOGETHER = { git: [], image: ["tag"], images: ["tags", "build"] } as const;
const KINDS = ["git", "image", "images"] as const;
const ONE_OF = "one of git: BRANCH, image: REPOSITORY or images: REGISTRY";

function faultOf(given: readonly string[]): { key?: string; says: string; expected: string } | undefined {
  const [kind, second] = KINDS.filter((name) => given.includes(name));
  if (!kind) return { says: "neither git nor image nor images is given", expected: ONE_OF };
  if (second) return { key: second, says: `${kind} and ${second} exclude each other`, expected: ONE_OF };
  const stray = given.find((key) => key !== kind && !TOGETHER[kind].some((fit) => fit === key));
  if (stray)
    return {
      key: stray,
      says: `${stray} doesn't go with ${kind}`,
      expected: `it beside ${stray === "tag" ? "image" : "images"}`,
    };
  if (kind === "image" && !given.includes("tag")) return { says: "the image has no tag", expected: "tag: { env: NAME }" };
  return undefined;
}
