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
      yield fail(subject, {
        title,
        evidence,
        cause: why,
        fix: { class: "person", text: help ?? `find out why: ssh -v ${names[0] ?? scene.host.name} true` },
      });
    }
  },
});
