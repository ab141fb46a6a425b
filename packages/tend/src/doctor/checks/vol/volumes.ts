import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { watched } from "../../watched.ts";

export const anonymous = defineCheck({
  id: "vol.anonymous",
  severity: "error",
  finds: "data in a volume without a name",
  about:
    "An image that declares a volume gets a new, empty one with each `docker compose up` that makes the container anew after a `down`: the data stays behind in a volume that nobody finds, until it is pruned.",
  remedy: "Name it in the compose file, and copy the data over before the container is made anew.",
  fixClass: "person",
  follows: ["vol.pg.path"],
  *judge({ containers, images }, scene) {
    for (const one of watched(scene, containers)) {
      const declared = images.images.find(({ id }) => id === one.container.image)?.volumes ?? [];
      const nameless = one.container.mounts.filter(({ type, name }) => type === "volume" && /^[0-9a-f]{64}$/.test(name));
      if (nameless.length === 0) yield pass(one.subject);
      for (const { name, target } of nameless) {
        const kept = declared.includes(target);
        yield fail(one.subject, {
          severity: one.declared ? (kept ? "error" : "warning") : "info",
          title: `${one.called} keeps ${target} in a volume without a name`,
          evidence: [
            `volume ${name.slice(0, 12)}… at ${target}`,
            kept
              ? "the image declares that place as a volume: it is meant for data"
              : "the compose file mounts it without a source",
          ],
          cause: "docker compose down, or a recreate with -V, leaves it behind: the next container begins empty",
          fix: {
            class: "person",
            text: `back it up; then give ${target} a named volume in the compose file, and copy the data over before it is recreated`,
          },
        });
      }
    }
  },
});

export const postgresPath = defineCheck({
  id: "vol.pg.path",
  severity: "error",
  finds: "a PostgreSQL 18 whose volume is mounted where its data no longer is",
  about:
    "From version 18 on the image keeps its data below /var/lib/postgresql, in a folder of its major version. A volume at /var/lib/postgresql/data then stays empty, or the server refuses to start; the data goes into a volume without a name.",
  remedy: "Take a backup that is proved, mount the volume at /var/lib/postgresql, restore.",
  fixClass: "person",
  *judge({ containers, images }, scene) {
    for (const one of watched(scene, containers)) {
      const major = images.images.find(({ id }) => id === one.container.image)?.postgres;
      if (major === undefined) continue;
      const mount = one.container.mounts.find(({ target }) => target === "/var/lib/postgresql/data");
      if (major < 18 || !mount) yield pass(one.subject);
      else {
        yield fail(one.subject, {
          severity: one.severity,
          reaches: one.reaches,
          title: `${one.called} is PostgreSQL ${major}, and its volume is mounted where older ones had their data`,
          evidence: [`${mount.name || mount.source} at ${mount.target}`, `image ${one.container.ref}`],
          cause: "from 18 on the image keeps its data in /var/lib/postgresql/MAJOR/docker",
          fix: { class: "person", text: "take a backup and prove it; mount the volume at /var/lib/postgresql; then restore" },
        });
      }
    }
  },
});
