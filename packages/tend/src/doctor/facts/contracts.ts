import type { Unread } from "../../contract/here.ts";
import type { Judgement } from "../../contract/judge.ts";
import { contractScript, judgeAnswer, readAnswers } from "../../contract/live.ts";
import { appKey } from "../../observe/place.ts";
import { lines } from "../../transport/argv.ts";
import type { Scene } from "../scene.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** What became of an app's contract, by the app's name. */
export type ContractsSeen = Readonly<Record<string, Judgement | Unread>>;

/**
 * The compose files of the apps that declare a contract, held against it. What the host answers has secrets in it, so it
 * is judged where it is read, and goes into no bundle.
 */
export const contracts = hostPart<ContractsSeen | undefined>({
  secret: true,
  within: 20,
  script: (scene) => {
    const apps = declaring(scene);
    return apps.length === 0 ? undefined : lines(apps.map((app) => contractScript(app)));
  },
  read: ({ stdout, stderr }, scene) => {
    const answers = readAnswers(stdout);
    if (answers.size === 0) throw new Unmeasured(stderr.trim().split("\n")[0] || "the host said nothing of its compose files");
    return Object.fromEntries(
      declaring(scene).map((app) => {
        const answer = answers.get(appKey(app));
        if (!answer || !app.contract) return [app.name, { unread: "the host didn't answer for it" }];
        return [app.name, judgeAnswer({ fleet: scene.fleet, app, contract: app.contract }, answer)];
      }),
    );
  },
});

function declaring({ apps }: Scene) {
  return apps.filter((app) => Object.keys(app.contract?.rules ?? {}).length > 0);
}
