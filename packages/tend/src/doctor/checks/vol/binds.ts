import { called } from "../../../runtime/compose/place.ts";
import { quote } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { isVolume } from "../../owner.ts";
import { subjectOf } from "../../scene.ts";
import { type Watched, watched } from "../../watched.ts";
import { resolvedApps } from "../compose/resolved.ts";
import { errorsOf, isDown } from "../container/ended.ts";

const FILE = /[^/]\.(conf|cfg|ini|json|ya?ml|toml|env|pem|crt|cer|key|sh|sql|txt|xml|properties|htpasswd|db|sqlite3?)$/i;

export const bindMissing = defineCheck({
  id: "vol.bind.missing",
  severity: "error",
  finds: "something mounted from the host that isn't there",
  about:
    "Docker makes an empty folder, owned by root, where the source of a bind mount is missing: a configuration file becomes a folder, data seems to be gone. What was deleted under a running container shows only at its next start.",
  remedy: "Put the file or folder back with its owner, remove the empty folder that the engine made, then recreate.",
  fixClass: "person",
  *judge({ containers, compose, mounts }, scene) {
    const seen = new Set<string>();
    for (const one of watched(scene, containers)) {
      for (const { type, source, target } of one.container.mounts) {
        const found = mounts.sources[source];
        if (type !== "bind" || !found || found.state === "unreadable") continue;
        seen.add(`${one.subject} ${source}`);
        const folder = found.state === "there" && found.folder && found.empty === true && FILE.test(target);
        if (found.state === "there" && !folder) yield pass(one.subject);
        else {
          yield fail(one.subject, {
            severity: one.severity,
            reaches: one.reaches,
            title: folder
              ? `${source}, mounted into ${one.called} as a file, is an empty folder`
              : `${source}, mounted into ${one.called}, is no longer on ${scene.host.name}`,
            evidence: [
              `mounted at ${target}`,
              folder ? "an empty folder: the engine makes one where the file is missing" : "stat: no such file or directory",
            ],
            cause: folder ? undefined : "what runs still has what was deleted; at its next start it gets an empty folder",
            fix: {
              class: "person",
              text: folder
                ? `remove the empty folder (rmdir ${quote(source)}), put the file there, then recreate ${one.called}`
                : `put ${source} back, with its owner, before anything restarts; then recreate ${one.called}`,
              operation: one.owned && `tend recreate ${one.owned.app.name} --only ${one.owned.service.name}`,
            },
          });
        }
      }
    }
    // A service without a container yet: what its next start would find.
    for (const { app, seen: resolved } of resolvedApps(scene, compose)) {
      for (const [service, { binds }] of Object.entries(resolved.services)) {
        if (app.services.length > 0 && !app.services.some((one) => one.compose === service)) continue;
        const subject = subjectOf(scene, app, called(app, service));
        for (const { source, target } of binds) {
          if (mounts.sources[source]?.state !== "missing" || seen.has(`${subject} ${source}`)) continue;
          yield fail(subject, {
            title: `${source}, which ${called(app, service)} of ${app.name} is to have mounted, isn't on ${scene.host.name}`,
            evidence: [`the compose file mounts it at ${target}`],
            fix: {
              class: "person",
              text: `put ${source} there, with its owner, before the next release: the engine would make an empty folder`,
            },
          });
        }
      }
    }
  },
});

export const bindMasks = defineCheck({
  id: "vol.bind.masks",
  severity: "warning",
  finds: "an empty folder mounted over files of the image",
  about:
    "A bind mount hides what the image has at that place; an empty one hides it all: configuration, plugins, the app's own code. Only where the engine's layers can be read, which takes root.",
  remedy:
    "Leave the mount out, mount a folder beside, or fill it with what the image has there (`docker cp` from a container without the mount).",
  fixClass: "person",
  follows: ["vol.bind.missing"],
  *judge({ containers, mounts }, scene) {
    for (const one of watched(scene, containers)) {
      const masks = mounts.masks.filter(({ container }) => container === one.container.id);
      if (masks.length === 0) yield pass(one.subject);
      for (const { target, files } of masks) {
        const source = one.container.mounts.find((mount) => mount.target === target)?.source ?? "?";
        yield fail(one.subject, {
          severity: one.declared ? "warning" : "info",
          title: `${source} is empty, and hides what the image of ${one.called} has at ${target}`,
          evidence: [
            `the image has there: ${files.join(", ")}${files.length === 3 ? ", …" : ""}`,
            `${source} on ${scene.host.name} is empty`,
          ],
          fix: { class: "person", text: "leave the mount out, or fill the folder with what the image has there, then recreate" },
        });
      }
    }
  },
});

const REFUSED = /permission denied|EACCES|EPERM|not permitted|read-?only|unable to open/i;

export const owner = defineCheck({
  id: "vol.owner",
  severity: "error",
  finds: "a folder that the container's user may not write to",
  about:
    "The container runs as a user of its own, and what is mounted belongs to another: mostly root, since the engine or somebody with sudo made the folder. An error where the app keeps its data there, or where the container is down or unhealthy and says nothing else; else information.",
  remedy: "`chown` the folder to the user that the container runs as; where it is only read, mount it with `:ro`.",
  fixClass: "person",
  *judge(seen, scene) {
    const { containers, mounts } = seen;
    for (const one of watched(scene, containers)) {
      const user = /^(\d+)(?::(\d+))?$/.exec(one.container.user);
      // Root may anything; a user by name has its number in the image alone.
      if (!user || Number(user[1]) === 0) continue;
      const [uid, gid] = [Number(user[1]), Number(user[2] ?? -1)];
      for (const mount of one.container.mounts) {
        const found = mounts.sources[mount.source];
        if (!mount.writable || found?.state !== "there" || !found.folder) continue;
        const may = found.uid === uid ? found.mode & 0o200 : found.gid === gid ? found.mode & 0o020 : found.mode & 0o002;
        if (may !== 0) {
          yield pass(one.subject);
          continue;
        }
        const ill = isDown(one) || one.container.health?.status === "unhealthy";
        const keeps = keepsData(one, mount);
        const said = ill ? errorsOf(seen, one) : [];
        // What fails for another reason than this isn't explained by it.
        if (!keeps && said.length > 0 && !said.some((line) => REFUSED.test(line))) {
          yield skip(one.subject, `it fails, and doesn't say that it may not write to ${mount.source}`);
          continue;
        }
        yield fail(one.subject, {
          severity: ill || keeps ? one.severity : "info",
          title: `${one.called} runs as user ${uid} and may not write to ${mount.source}`,
          evidence: [`mounted at ${mount.target}, writable`, `owner ${found.uid}:${found.gid}, mode ${found.mode.toString(8)}`],
          fix: {
            class: "person",
            text: `give it to that user: sudo chown -R ${one.container.user} ${quote(mount.source)}; where it is only to read, mount it with :ro`,
            operation: one.owned && `tend restart ${one.owned.app.name} --only ${one.owned.service.name}`,
          },
        });
      }
    }
  },
});

/** Where the declaration says that the app keeps something. */
function keepsData({ owned }: Watched, { source, name }: { readonly source: string; readonly name: string }): boolean {
  if (!owned) return false;
  const { databases, files } = owned.app;
  const inside = (path: string) => path === source || path.startsWith(`${source}/`);
  return (
    databases.some((database) => database.kind === "sqlite" && (inside(database.path) || isVolume(name, database.volume))) ||
    files.some(({ from }) => ("volume" in from ? isVolume(name, from.volume) : inside(from.path)))
  );
}
