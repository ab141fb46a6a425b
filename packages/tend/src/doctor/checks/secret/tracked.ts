import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const secretTracked = defineCheck({
  id: "secret.tracked",
  severity: "error",
  finds: "a secret that is in the git repository",
  about:
    "Env files and keys that git tracks in the checkouts of the apps, where a variable with PASSWORD, SECRET, TOKEN or the like in its name has a value, or a private key is. Whoever has the repository has it, in its history too. Values aren't read out.",
  remedy: "`git rm --cached FILE`, put it into .gitignore, and change the secret: what was in the history stays known.",
  fixClass: "person",
  *judge({ secrets }, scene) {
    if (secrets.tracked.length === 0) yield pass(subjectOf(scene));
    for (const { of, file, holds } of secrets.tracked) {
      yield fail(subjectOf(scene, of, file), {
        title: `${file} of ${of} is in its git repository, with secrets`,
        evidence: holds.map((one) => `${file}, line ${one}`),
        fix: {
          class: "person",
          text: "where you work on the repository: take it out and into .gitignore, commit; and change the secrets: the history keeps them",
          commands: [sh`git rm --cached ${file} && echo ${file} >>.gitignore`],
        },
      });
    }
  },
});
