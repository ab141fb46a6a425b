import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const sshExposure = defineCheck({
  id: "host.ssh.exposure",
  severity: "error",
  finds: "an ssh server that lets people in by password",
  about:
    "Passwords are guessed day and night on every public address; keys aren't. Told where sshd accepts passwords on an address that isn't local, and an account has one. Empty passwords are an error.",
  remedy:
    "Make sure that your key works, write `PasswordAuthentication no` to /etc/ssh/sshd_config.d/00-keys-only.conf, `sudo sshd -t`, reload, and try a second session before you leave the first.",
  fixClass: "person",
  *judge({ sshd }, scene) {
    const subject = subjectOf(scene);
    if (!sshd) {
      yield skip(subject, "it has no OpenSSH server");
      return;
    }
    const { settings, listens, withPassword } = sshd;
    const isLocal = listens.length > 0 && listens.every((address) => /^(127\.|\[::1\]|\[?localhost)/.test(address));
    const passwords = settings["passwordauthentication"] === "yes" || settings["kbdinteractiveauthentication"] === "yes";
    const empty = settings["permitemptypasswords"] === "yes";
    const root = settings["permitrootlogin"] === "yes";
    const accounts = withPassword.filter((account) => account !== "root" || root);
    if (isLocal || !passwords || (accounts.length === 0 && !empty)) {
      yield pass(subject);
      return;
    }
    yield fail(subject, {
      severity: empty ? "error" : "warning",
      title: empty
        ? `sshd of ${scene.host.name} accepts empty passwords`
        : `sshd of ${scene.host.name} lets ${accounts.join(", ")} in by password`,
      evidence: [
        Object.entries(settings)
          .filter(([name]) => name !== "usepam")
          .map(([name, value]) => `${name} ${value}`)
          .join(", "),
        `it listens on ${listens.join(", ")}`,
      ],
      fix: {
        class: "person",
        text: "with a key that works: turn passwords off, and try a second session before you leave the first",
        commands: [
          sh`printf 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n' | sudo tee /etc/ssh/sshd_config.d/00-keys-only.conf`,
          sh`sudo sshd -t && sudo systemctl reload ssh`,
        ],
      },
    });
  },
});
