import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { type Fix, fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const secretMode = defineCheck({
  id: "secret.mode",
  severity: "warning",
  finds: "an env file or a private key that every user of the host can read",
  about:
    "The env files of the apps, acme.json and private keys in the folders of the apps and of the compose projects that run. Told only where the folders above it let others pass: a file in a home folder that is closed is safe.",
  remedy: "`chmod 600 FILE`. Where a container reads the file from outside as another user, a person has to see who may read it.",
  fixClass: "safe",
  *judge({ secrets, containers }, scene) {
    if (secrets.open.length === 0) yield pass(subjectOf(scene));
    for (const { of, path, mode, kind, own } of secrets.open) {
      const mounted = containers.find((one) =>
        one.mounts.some(({ type, source }) => type === "bind" && (path === source || path.startsWith(`${source}/`))),
      );
      const safe: Fix = {
        class: "safe",
        text: `only its owner may read ${path}`,
        commands: [sh`chmod 600 ${path}`],
        undo: [sh`chmod ${mode} ${path}`],
      };
      const person: Fix = {
        class: "person",
        text: mounted ? `see which user of ${mounted.name} reads it, then chmod it to no more than that` : "only its owner can",
        commands: [sh`sudo chmod 600 ${path}`],
      };
      yield fail(subjectOf(scene, of, path.split("/").at(-1) ?? path), {
        title: `every user of ${scene.host.name} can read ${path}${kind === "key" ? ", a private key" : ""}`,
        evidence: [
          `mode ${mode}, and every folder above it lets others pass`,
          ...(mounted ? [`it is mounted into ${mounted.name}`] : []),
        ],
        fix: own && !mounted ? safe : person,
      });
    }
  },
});
