import type { Manifest } from "../model/manifest.ts";
import type { BackupName } from "../model/names.ts";
import { backupName } from "../model/names.ts";
import type { Listed } from "./destination/store.ts";
import { parseManifest } from "./manifest-text.ts";

/** What one destination has under a backup's name. */
export type Copy =
  | { readonly at: string; readonly state: "good"; readonly manifest: Manifest }
  | { readonly at: string; readonly state: "broken"; readonly reason: string };

/** A backup, wherever it is kept. */
export interface Entry {
  readonly name: BackupName;
  readonly app: string;
  /** Of a broken one, as far as its name tells. */
  readonly subject: string;
  /** UTC, RFC 3339; of a broken one, by its name. */
  readonly at: string;
  /** That of the first good copy; without one, the backup is broken. */
  readonly manifest?: Manifest;
  readonly copies: readonly Copy[];
}

/** What a destination answered when it was asked for an app's backups. */
export interface Answered {
  /** The destination, as people write it. */
  readonly at: string;
  readonly listed: readonly Listed[];
}

/** All backups of an app, the oldest first, made of nothing but what lies where they are kept. */
export function catalogue(app: string, answers: readonly Answered[]): readonly Entry[] {
  const copies = new Map<BackupName, Copy[]>();
  for (const { at, listed } of answers) {
    for (const one of listed) {
      const name = backupName.parse(one.name);
      if (name) copies.set(name, [...(copies.get(name) ?? []), copyOf(app, at, one)]);
    }
  }
  return [...copies].map(([name, found]) => entryOf(app, name, found)).sort(byTime);
}

/** The newest backup of a subject that was verified when it was taken, and is whole as far as a listing tells. */
export function newestVerified(entries: readonly Entry[], subject: string): Entry | undefined {
  return entries.findLast((entry) => entry.subject === subject && entry.manifest !== undefined);
}

export type Found =
  | { readonly kind: "one"; readonly entry: Entry }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly entries: readonly Entry[] };

/** By its name, or by a beginning or an end of it that no other has. */
export function find(entries: readonly Entry[], text: string): Found {
  const exact = entries.find(({ name }) => name === text);
  if (exact) return { kind: "one", entry: exact };
  const alike = text === "" ? [] : entries.filter(({ name }) => name.startsWith(text) || name.endsWith(text));
  const [entry, ...others] = alike;
  if (!entry) return { kind: "none" };
  return others.length === 0 ? { kind: "one", entry } : { kind: "several", entries: alike };
}

function copyOf(app: string, at: string, { name, manifest: text, files }: Listed): Copy {
  const broken = (reason: string): Copy => ({ at, state: "broken", reason });
  if (text === "") return broken("it has no manifest, or none that can be read");
  const parsed = parseManifest(text);
  if (!parsed.ok) return broken(parsed.reason);
  const { manifest } = parsed;
  if (manifest.name !== name) return broken(`its manifest is that of ${manifest.name}`);
  if (manifest.app !== app) return broken(`its manifest is of ${manifest.app}`);
  for (const [file, { bytes }] of Object.entries(manifest.files)) {
    const found = Object.hasOwn(files, file) ? files[file] : undefined;
    if (found === undefined) return broken(`${file} is missing`);
    if (found !== bytes) return broken(`${file} has ${found} bytes of ${bytes}`);
  }
  return { at, state: "good", manifest };
}

function entryOf(app: string, name: BackupName, copies: readonly Copy[]): Entry {
  const manifest = copies.find((copy) => copy.state === "good")?.manifest;
  if (manifest) return { name, app, subject: manifest.subject, at: manifest.at, manifest, copies };
  const [, before = "", at = ""] = /^(.*)-(\d{8}T\d{6}Z)-[a-z0-9-]+-[0-9a-f]{4}$/.exec(name) ?? [];
  return { name, app, subject: before.startsWith(`${app}-`) ? before.slice(app.length + 1) : before, at: expanded(at), copies };
}

/** `20260731T101500Z` as RFC 3339 writes it. */
function expanded(compact: string): string {
  return compact.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
}

/** Backups are ordered by their manifests; those of one instant by name, so that an order is the order. */
export function byTime(one: Pick<Entry, "at" | "name">, other: Pick<Entry, "at" | "name">): number {
  const apart = instant(one.at) - instant(other.at);
  if (apart !== 0) return apart;
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

/** A broken backup's name may say a date that there isn't. */
function instant(at: string): number {
  const time = Date.parse(at);
  return Number.isNaN(time) ? 0 : time;
}
