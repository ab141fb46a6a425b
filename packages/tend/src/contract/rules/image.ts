import type { TagNeed } from "../../model/contract.ts";
import { imageRef } from "../images.ts";
import { defineRule } from "../rule.ts";

const isRoot = (user: string) => /^(root|0)?(:|$)/.test(user);

export const user = defineRule({
  name: "user",
  asks: "a user that isn't root, in the file or in the image; with `declared`, in the file",
  why: "who breaks out of a container as root is root on the server",
  keys: ["user", "image"],
  *judge({ service, source, image }, { need }) {
    const { name } = service;
    const lines = ['user: "1000:1000"'];
    if (service.user !== undefined && service.user !== "") {
      if (!isRoot(service.user)) return;
      yield {
        title: `${name} runs as root`,
        at: source.key("user"),
        fix: { text: "change it to", lines },
        open: service.unsettled.get("user") ?? [],
      };
    } else if (need === "declared") {
      yield { title: `${name} has no user in its compose file`, at: source.own, fix: { text: "add", lines } };
    } else if (image.user === undefined) {
      yield { unknown: `which user the image of ${name} runs as` };
    } else if (isRoot(image.user) && !image.dropsRoot) {
      const text = "add, with the owner that its folders have";
      yield { title: `${name} runs as root, as its image does`, at: source.own, fix: { text, lines } };
    }
  },
});

/** Names that move on: what they stand for today isn't what they stand for tomorrow. */
const MOVING =
  /^(latest|stable|release|lts|edge|main|master|develop|dev|nightly|next|beta|rc|current|mainline|prod|production|alpine|slim|bookworm|trixie)([-.].*)?$/i;

export const tags = defineRule({
  name: "tags",
  asks: "images by a tag that doesn't move (`pinned`), down to the minor version or a commit (`exact`), or with a digest (`digest`); a variable that holds it is fine",
  why: "what is pulled tomorrow isn't what was tested today, and there is nothing to roll back to",
  keys: ["image"],
  *judge({ service, source, tagVariable }, { need }) {
    if (service.image === undefined || service.built) return;
    // The declaration says that a deploy sets it; what it falls back to without one is never what runs.
    if (tagVariable !== undefined && need !== "digest" && source.text("image")?.includes(tagVariable)) return;
    const { name, tag, digest } = imageRef(service.image);
    const wrong = whatIsWrong(tag, digest, need);
    if (wrong === undefined) return;
    const example = need === "digest" ? `${tag ?? "1.2.3"}@sha256:…` : "1.2.3";
    const fix = { text: "change it to the version that runs, such as", lines: [`image: ${name}:${example}`] };
    yield { title: `the image of ${service.name} ${wrong}`, at: source.key("image"), fix };
  },
});

function whatIsWrong(tag: string | undefined, digest: string | undefined, need: TagNeed): string | undefined {
  if (digest !== undefined) return undefined;
  if (need === "digest") return "has no digest";
  if (tag === undefined || tag === "") return "has no tag: that is latest";
  const isCommit = /^[0-9a-f]{7,64}$/.test(tag);
  if (MOVING.test(tag) || (!/\d/.test(tag) && !isCommit)) return `has the tag ${tag}, which moves`;
  if (need === "exact" && !isCommit && !/\d+\.\d+/.test(tag) && !/\d{6,}/.test(tag))
    return `has the tag ${tag}: any minor version`;
  return undefined;
}
