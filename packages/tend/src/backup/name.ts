import { type BackupName, backupName } from "../model/names.ts";

interface NameParts {
  /** The app with its environment: `legal.dev`. */
  readonly app: string;
  readonly subject: string;
  readonly at: Date;
  /** What a person gave, or what asked for it: `before deploy 42`. */
  readonly reason?: string | undefined;
  /** Four hexadecimal digits: two backups of one second don't meet. */
  readonly random: string;
}

const PREFIX_LENGTH = 190;
const REASON_LENGTH = 40;

/** `APP-SUBJECT-YYYYMMDDTHHMMSSZ-REASON-RANDOM`, in UTC: in local time, two instants of an autumn night share a name. */
export function newBackupName({ app, subject, at, reason, random }: NameParts): BackupName {
  const prefix = plain(`${app}-${subject}`, /[^a-z0-9_.-]+/g).slice(0, PREFIX_LENGTH);
  const name = `${prefix}-${compact(at)}-${shortReason(reason)}-${random}`;
  const branded = backupName.parse(name);
  if (!branded) throw new TypeError(`${name} is no backup's name`);
  return branded;
}

/** A reason as a name can carry it: `Before deploy #42!` is `before-deploy-42`. */
export function shortReason(reason: string | undefined): string {
  const short = plain(reason ?? "", /[^a-z0-9]+/g)
    .slice(0, REASON_LENGTH)
    .replace(/-$/, "");
  return short === "" ? "manual" : short;
}

function compact(at: Date): string {
  return at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

function plain(text: string, others: RegExp): string {
  return text
    .toLowerCase()
    .replaceAll(others, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "");
}
