import type { App } from "../../../model/fleet.ts";
import { bytes } from "../../../render/bytes.ts";
import { defineCheck } from "../../check.ts";
import { answering, declaredIn, subjectOfServer } from "../../databases.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import type { Seen } from "../../facts/index.ts";
import { unescaped } from "../../facts/logs.ts";
import type { ServerSeen, SlotSeen } from "../../facts/postgres.ts";
import { fail, pass, type Subject, skip } from "../../finding.ts";
import { linesOf } from "../../logged.ts";
import { apps, isUp } from "../../owner.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { since } from "../../watched.ts";

const NAMED = /[Rr]eplication slot "?([A-Za-z0-9_]+)"?/;

export const slotConflict = defineCheck({
  id: "slot.conflict",
  severity: "error",
  finds: "a service that waits for a replication slot which another one holds",
  about:
    "A slot has one reader, and its name is one for the whole server, whatever the database. Two instances of ElectricSQL with the same stream id want the same slot: the second waits for ever. It is told while the slot is held by somebody else than the service that asked for it.",
  remedy:
    "Give each instance its own ELECTRIC_REPLICATION_STREAM_ID (ELECTRIC_SLOT_NAME does nothing from 1.4 on), or stop the one that is too many.",
  fixClass: "person",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const { app, service, container, subject } of apps(scene, seen.containers)) {
      const line = linesOf(seen, container, "slot").at(-1);
      const name = line && NAMED.exec(unescaped(line.text))?.[1];
      if (!line || name === undefined) continue;
      const slot = [...answering(seen)].flatMap((server) => server.slots).find((one) => one.name === name);
      if (!slot?.active || isOf(container, slot)) {
        yield pass(subject);
        continue;
      }
      const holder = seen.containers.find((one) => isOf(one, slot));
      yield fail(subject, {
        title: `${service.name} of ${app.name} waits for the replication slot ${name}, which ${holder?.name ?? slot.reader?.name ?? "another"} holds`,
        evidence: [
          line.text,
          `${name} in ${slot.database ?? "?"}: read by ${slot.reader?.name || "somebody"} at ${slot.reader?.address ?? "the server itself"}${holder ? ` (${holder.name})` : ""}`,
        ],
        cause: "two instances have the same stream id; slots are shared by all databases of a server",
        fix: {
          class: "person",
          text: `give ${service.name} an ELECTRIC_REPLICATION_STREAM_ID of its own, or stop ${holder?.name ?? "the other one"}`,
        },
      });
    }
  },
});

function isOf(container: ContainerSeen, slot: SlotSeen): boolean {
  const address = slot.reader?.address;
  return address !== undefined && Object.values(container.networks).some((network) => network.address === address);
}

export const slotInactive = defineCheck({
  id: "slot.inactive",
  severity: "warning",
  finds: "a replication slot that nobody reads",
  about:
    "PostgreSQL keeps all of its write-ahead log from the point where a slot was last read: a slot that is left behind fills the disk, slowly and for certain. While a service of its app doesn't run, or has just been started, that is what is told.",
  remedy: "Start who reads it, or drop it when nobody will: `select pg_drop_replication_slot('NAME')`.",
  fixClass: "person",
  needs: ["db.down"],
  settle: 30,
  *judge(seen, scene) {
    for (const { server, slot, subject, owner } of slotsOf(seen, scene)) {
      // A lost one holds nothing back any more; it is slot.wal's.
      const missing = owner && readerless(seen, scene, owner);
      if (slot.active || slot.status === "lost") yield pass(subject);
      else if (missing) yield skip(subject, missing);
      else {
        yield fail(subject, {
          title: `nobody reads the replication slot ${slot.name} of ${server.container}: it holds back ${bytes(slot.held)} of its log`,
          evidence: [
            `${slot.name} (${slot.plugin ?? "physical"}) in ${slot.database ?? "the whole server"}: active is false${slot.inactiveSince ? ` since ${slot.inactiveSince.slice(0, 19)}` : ""}`,
            `wal_status ${slot.status ?? "?"}, held back ${bytes(slot.held)}`,
          ],
          fix: {
            class: "person",
            text: `start what reads it; if nothing will any more: docker exec ${server.container} psql -U ${server.user} -d template1 -c "select pg_drop_replication_slot('${slot.name}')"`,
          },
          lasting: slot.inactiveSince ? since(slot.inactiveSince, scene.now) : undefined,
        });
      }
    }
  },
});

/** Why nobody can be expected to read it now: before 17, PostgreSQL doesn't say since when it isn't read. */
function readerless(seen: Seen, scene: Scene, app: App): string | undefined {
  const own = [...apps(scene, seen.containers)].filter((one) => one.app === app);
  const services = app.services.length > 0 ? app.services : own.map(({ service }) => service);
  const away = services.find(
    ({ name, role }) =>
      role !== "one-off" && !own.some(({ service, container }) => service.name === name && isUp(container, scene)),
  );
  return away && `${away.name} of ${app.name} isn't up, and may be who reads it`;
}

const MUCH = 1024 ** 3;
const VERY_MUCH = 10 * MUCH;

export const slotWal = defineCheck({
  id: "slot.wal",
  severity: "error",
  finds: "a replication slot that holds back much of the write-ahead log, or has lost it",
  about: `What is held back can't be removed until it is read: a warning from ${bytes(MUCH)}, an error from ${bytes(VERY_MUCH)}. With max_slot_wal_keep_size, PostgreSQL gives the slot up instead: its reader has to begin anew.`,
  remedy:
    "See whether its reader keeps up. Where the slot is lost, drop it and let the reader make a new one; ElectricSQL then takes its shapes anew.",
  fixClass: "person",
  needs: ["db.down"],
  follows: ["slot.inactive"],
  *judge(seen, scene) {
    for (const { server, slot, subject, owner } of slotsOf(seen, scene)) {
      const lost = slot.status === "lost" || slot.status === "unreserved";
      if (!lost && slot.held < MUCH) yield pass(subject);
      else {
        yield fail(subject, {
          severity: lost || slot.held >= VERY_MUCH ? "error" : "warning",
          title: lost
            ? `the replication slot ${slot.name} of ${server.container} ${slot.status === "lost" ? "has lost" : "is about to lose"} what it was to hand on`
            : `the replication slot ${slot.name} of ${server.container} holds back ${bytes(slot.held)} of its log`,
          evidence: [
            `wal_status ${slot.status ?? "?"}, held back ${bytes(slot.held)}, ${slot.active ? `read by ${slot.reader?.name || "somebody"}` : "read by nobody"}`,
          ],
          cause: lost ? "its reader fell behind by more than max_slot_wal_keep_size" : "its reader doesn't keep up, or is gone",
          fix: {
            class: "person",
            text: lost
              ? `stop its reader, drop it (docker exec ${server.container} psql -U ${server.user} -d template1 -c "select pg_drop_replication_slot('${slot.name}')"), and start the reader: it begins anew`
              : "see the reader's log, and whether it keeps up; set max_slot_wal_keep_size, so that the disk can't fill",
          },
          reaches: lost && owner ? [subjectOf(scene, owner)] : [],
        });
      }
    }
  },
});

/** Those of the declared databases, and those of nobody: what they hold back is the whole server's. */
function* slotsOf(
  seen: Seen,
  scene: Scene,
): Iterable<{
  server: ServerSeen;
  slot: SlotSeen;
  subject: Subject;
  /** Whose services read it. */
  owner: App | undefined;
}> {
  for (const server of answering(seen)) {
    for (const slot of server.slots) {
      const owner = [...declaredIn(scene, server)].find(({ database }) => database.database === slot.database);
      const subject = owner ? subjectOf(scene, owner.app, slot.name) : `${subjectOfServer(seen, scene, server)}/${slot.name}`;
      yield { server, slot, subject, owner: owner?.app };
    }
  }
}
