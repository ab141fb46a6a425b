import { defineOperation } from "../../operation.ts";
import { app, flag, services, tag } from "../../params.ts";

export const build = defineOperation({
  kind: "planned",
  name: "build",
  summary: "Build an app's images, and push them",
  details: `With source.build the folders are built on this machine; otherwise the host builds what its compose files build.
Nothing is started or stopped.`,
  effect: "changes",
  params: {
    app: app(),
    only: services("only these services"),
    tag: tag("the image tag to build"),
    push: flag("push what was built to its registry"),
  },
  examples: [
    { command: "tend build legal --push", explains: "build here and push; tend deploy legal then pulls" },
    { command: "tend build skriptoteket", explains: "build on the host, from the checkout as it is" },
  ],
  targets: (input) => [input.app],
  wanted: (input) => ({ tag: input.tag }),
  draft: (situation, context, input) => situation.build(context, { services: input.only, push: input.push }),
});
