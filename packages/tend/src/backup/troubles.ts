import { Failure } from "../model/failure.ts";

/** The bytes of a backup, where it is kept, aren't those that were written. */
export function brokenBackup(name: string, where: string, what: string): Failure {
  return new Failure({
    id: "backup.broken",
    title: `the backup ${name} at ${where} is broken: ${what}`,
    exit: "failed",
    where,
    changed: "nothing",
    help: "take the same backup from another destination, or another one: tend backups",
  });
}

/** A carry's file came back from a destination as something else: its disk, or what stands in front of it, is broken. */
export function differentThere(file: string, where: string, reason: string): Failure {
  return new Failure({
    id: "backup.broken",
    title: `what ${where} kept of ${file} isn't what was written there`,
    exit: "failed",
    where,
    evidence: [`${file}: ${reason}`],
    help: `check the disk, or the service, behind ${where}`,
  });
}

/** The script that makes a backup ended well, and yet it isn't one. */
export function worthless(what: string, evidence: readonly string[]): Failure {
  return new Failure({
    id: "backup.worthless",
    title: what,
    exit: "failed",
    evidence,
    help: "tell tend's developers: its script ended as if all were well",
  });
}
