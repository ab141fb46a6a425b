import { lifeOf } from "../../../tls/certificate.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { day, described, eachShown, newest, reload } from "./shown.ts";

export const served = defineCheck({
  id: "tls.served",
  severity: "error",
  finds: "a proxy that serves an older certificate than the one on disk",
  about:
    "A proxy reads its certificates when it starts or reloads. A renewal that doesn't reload it changes nothing until it is too late. Held against each other are the fingerprints of what is served and of what the proxy's container has on disk.",
  remedy: "Reload the proxy, and let the renewal do that from now on: certbot's deploy hook.",
  fixClass: "safe",
  *judge(seen, scene) {
    const { certificateFiles } = seen;
    if (certificateFiles === undefined) return;
    yield* eachShown(seen, scene, ({ domain, subject, proxy, leaves, files }) => {
      const closed = certificateFiles.find((one) => one.proxy === proxy?.name)?.closed;
      if (closed !== undefined) return skip(subject, `the proxy's files can't be read: ${closed}`);
      const kept = files && newest(files);
      if (!files || !kept || !proxy) return skip(subject, "no file of the proxy is for it");
      const others = leaves.filter(
        ({ leaf }) => leaf.fingerprint !== kept.certificate.fingerprint && !isConfigured(leaf.fingerprint),
      );
      if (others.length === 0) return pass(subject);
      const old = others.filter(({ leaf }) => Date.parse(leaf.from) < Date.parse(kept.certificate.from));
      const [first] = old;
      if (!first) return skip(subject, "what is served isn't kept there");
      const commands = reload(proxy);
      const { standing } = lifeOf(first.leaf, scene.now);
      return fail(subject, {
        severity: standing === "well" || standing === "short" ? "warning" : "error",
        title: `${proxy.name} serves an old certificate for ${domain}: the one on disk is newer`,
        evidence: [
          ...old.map(described),
          `on disk: ${kept.path}, ${day(kept.certificate.from)} to ${day(kept.certificate.until)}`,
          `SHA-256 ${first.leaf.fingerprint.slice(0, 16)}… served, ${kept.certificate.fingerprint.slice(0, 16)}… on disk`,
        ],
        cause: `${proxy.container} has not read it since it was renewed`,
        fix: commands
          ? { class: "safe", text: `reload ${proxy.name}`, commands }
          : { class: "person", text: `restart the proxy: docker restart ${proxy.container}` },
      });

      function isConfigured(fingerprint: string): boolean {
        return files?.some((file) => file.configured && file.certificate.fingerprint === fingerprint) ?? false;
      }
    });
  },
});
