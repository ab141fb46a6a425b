import { showLogs } from "../../logs/show.ts";
import { defineOperation } from "../../operation.ts";
import { apps, flag, type Inputs, ref, services, tag, usage } from "../../params.ts";

const params = {
  apps: apps("which apps, in this order on each host"),
  only: services("only these services; the others aren't touched"),
  ref: ref("a branch, tag or commit instead of the declared branch's newest"),
  tag: tag("the image tag to pin in the env file"),
  forceRecreate: flag("new containers even where nothing changed"),
  noMigrate: flag("leave migrations out, and the backup before them"),
  follow: flag("show the logs afterwards, until Ctrl-C"),
};

export const deploy = defineOperation({
  kind: "planned",
  name: "deploy",
  summary: "Bring the newest code or images into service, without downtime where that can be",
  details: `Everything that can be refused is refused before anything changes. Code is fetched, images are built or pulled
first; containers are switched last, and only those whose image or configuration changed. A new container gets requests
when it is healthy; if it doesn't become so, the release that was serving serves on, and the first errors of the new
one's log are shown. The app is asked all the while, and what users could have noticed is reported.`,
  effect: "changes",
  params,
  examples: [
    { command: "tend deploy skriptoteket", explains: "the newest commit of the declared branch" },
    { command: "tend deploy skriptoteket --dry-run", explains: "the same, as text: nothing changes" },
    { command: "tend deploy legal --only backend", explains: "one service; the others keep their containers" },
    { command: "tend deploy quartermaster --tag 3f2a91c", explains: "the image that CI pushed for a commit" },
  ],
  targets: (input) => {
    checkOneSource(input);
    return input.apps;
  },
  wanted: (input) => ({ ref: input.ref, tag: input.tag }),
  draft: (situation, context, input) =>
    situation.deploy(context, { only: input.only, forceRecreate: input.forceRecreate, skipMigrations: input.noMigrate }),
  async afterwards(session, input, out) {
    if (!input.follow) return;
    await showLogs(session, await session.places(input.apps), { only: input.only, follow: true, tail: 20 }, out);
  },
});

function checkOneSource(input: Inputs<typeof params>): void {
  if (input.ref && input.tag) throw usage("--ref and --tag exclude each other: one names a commit, the other an image");
}
