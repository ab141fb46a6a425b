import { containerLogs } from "../../doctor/facts/container-logs.ts";
import { containers } from "../../doctor/facts/containers.ts";
import { filesystems } from "../../doctor/facts/filesystems.ts";
import { type AnswersOf, ask, known } from "../../machine/ask.ts";
import { type ImageRole, type JudgedImage, judgeImages } from "../../machine/images.ts";
import { reportOnHosts } from "../../machine/report.ts";
import { stored, sum } from "../../machine/stored.ts";
import type { HostName } from "../../model/names.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts } from "../../params.ts";
import { bytes } from "../../render/bytes.ts";
import { table } from "../../render/table.ts";

const PARTS = { filesystems, containers, containerLogs, stored };
interface HostDisk {
  readonly host: HostName;
  readonly seen: AnswersOf<typeof PARTS>;
  readonly images: readonly JudgedImage[];
}

export const hostDisk = defineOperation({
  kind: "report",
  name: "host disk",
  summary: "Show what fills a host's disks: images by app, build cache, logs, volumes, backups",
  details: `Sizes of images are what would be freed without them: what they share with others isn't counted. Docker reads volumes
through to measure them, which may take a minute. Exits 7 when a host can't be reached.`,
  effect: "reads",
  params: { hosts: someHosts() },
  examples: [
    { command: "tend host disk hemma", explains: "when tend doctor says that a disk is nearly full" },
    { command: "tend host disk --json", explains: "every image, volume and log, for scripts" },
  ],
  report: (session, input) =>
    reportOnHosts(session, input.hosts, async (transport, scene) => {
      const seen = await ask(transport, scene, PARTS);
      const [kept, running] = [known(seen.stored), known(seen.containers)];
      // Without knowing what runs, everything would look superseded.
      const host: HostDisk = { host: scene.host.name, seen, images: kept && running ? judgeImages(scene, kept, running) : [] };
      return { data: dataOf(host), lines: linesOf(host) };
    }),
});

function dataOf({ host, seen, images }: HostDisk) {
  const kept = known(seen.stored);
  return {
    host,
    filesystems: seen.filesystems,
    images: images.map(({ image, ...judged }) => ({ ...image, ...judged })),
    cache: kept?.cache,
    logs: seen.containerLogs,
    volumes: kept?.volumes.map((one) => ({ ...one, usedBy: usersOf(one.name, seen) })),
    backups: kept?.backups,
    state: kept?.state,
    unmeasured: unmeasuredIn(seen),
  };
}

const ROLES: Readonly<Record<ImageRole, string>> = {
  "in-use": "in use",
  kept: "kept for a rollback",
  superseded: "superseded",
  other: "not tend's to judge",
};

function linesOf({ host, seen, images }: HostDisk): readonly string[] {
  const kept = known(seen.stored);
  const disks = (known(seen.filesystems) ?? []).map(
    (one) =>
      `  ${one.mount} is ${one.usedPercent} % full: ${bytes(one.free)} of ${bytes(one.bytes)} free (${one.holds.join(", ")})`,
  );
  const unmeasured = unmeasuredIn(seen);
  if (!kept || unmeasured !== undefined) return [host, ...disks, `  what fills it is not known: ${unmeasured}`];
  const unused = sum(kept.cache.unused.map((one) => one.bytes));
  const superseded = images.filter((one) => one.role === "superseded");
  const groups = Map.groupBy(images, ({ role, app }) => `${role} ${role === "other" ? "" : (app ?? "")}`);
  const rows: (readonly [what: string, of: string, size: number, more: string])[] = [
    ...[...groups.values()].map((same) => {
      const { role, app } = same[0] as JudgedImage;
      return [
        "images",
        role === "other" ? ROLES.other : `${app ?? "others"}, ${ROLES[role]}`,
        sum(same.map(sizeOfImage)),
        count(same.length, "image"),
      ] as const;
    }),
    ["build cache", "", kept.cache.bytes, `${bytes(unused)} of it unused`],
    ...(known(seen.containerLogs) ?? []).map((one) => ["log", one.container, one.bytes, ""] as const),
    ...kept.volumes.map(
      (one) => ["volume", one.name, one.bytes, usersOf(one.name, seen).join(", ") || "no container has it"] as const,
    ),
    ...kept.backups.map((one) => ["backups", one.of, one.bytes, one.folder] as const),
    ["tend", "journal, releases, runs", kept.state.bytes, kept.state.folder],
  ];
  return [
    host,
    ...disks,
    "",
    ...table(
      ["  what", "of", "size", ""],
      rows.toSorted((one, other) => other[2] - one[2]).map(([what, of, size, more]) => [`  ${what}`, of, bytes(size), more]),
    ),
    ...("unmeasured" in seen.containerLogs ? [`  logs of containers: ${seen.containerLogs.unmeasured}`] : []),
    ...(superseded.length > 0 || unused > 0
      ? [
          "",
          `  tend host prune ${host} --dry-run shows what of it can go: ${count(superseded.length, "superseded image")}, old build cache`,
        ]
      : []),
  ];
}

function unmeasuredIn({ stored: kept, containers: all }: HostDisk["seen"]): string | undefined {
  if ("unmeasured" in kept) return kept.unmeasured;
  return "unmeasured" in all ? all.unmeasured : undefined;
}

function sizeOfImage({ image }: JudgedImage): number {
  return image.own ?? image.bytes;
}

function usersOf(volume: string, seen: HostDisk["seen"]): readonly string[] {
  return (known(seen.containers) ?? []).flatMap((one) => (one.mounts.some((mount) => mount.name === volume) ? [one.name] : []));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
