import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const reachable = defineCheck({
  id: "host.reachable",
  severity: "error",
  finds: "a host that can't be reached over ssh",
  about: "Everything else about a host is asked over ssh, by each of the declared names in turn. Without it nothing can be told.",
  remedy: "Check the network, the name and the key with `ssh -v`. A host key that has changed is accepted by you, never by tend.",
  fixClass: "person",
  *judge({ reach }, scene) {
    const subject = subjectOf(scene);
    if (!reach.failure) yield pass(subject);
    else {
      const { title, evidence = [], why, help } = reach.failure;
      const names = scene.host.reach.kind === "ssh" ? scene.host.reach.aliases : [];
      const said = evidence.join("\n");
      yield fail(subject, {
        title,
        evidence,
        cause: why ?? CAUSES.find(([pattern]) => pattern.test(said))?.[1],
        fix: { class: "person", text: `find out why: ${help ?? `ssh -v ${names[0] ?? scene.host.name} true`}` },
      });
    }
  },
});

/** By what ssh says; what is surest comes first. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/host key verification failed|identification has changed/i, "its host key isn't the one that is known here"],
  [/permission denied/i, "the host doesn't take the key, or not for that user"],
  [/connection refused/i, "the host is up, and nothing listens there: sshd doesn't run, or has another port"],
  [/could not resolve hostname/i, "its name has no address from here"],
  [/timed out|no route to host|network is unreachable/i, "it is off, or the network lets nothing through to it"],
];
