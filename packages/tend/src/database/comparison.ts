import { aboutFile } from "../backup/read.ts";
import type { Step } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import { type Script, sh } from "../transport/argv.ts";
import type { Drilling } from "./engine.ts";

/**
 * The lines of about.jsonl that a restored database has to have again. An extension comes in the version that the server
 * has: another server, another version.
 */
const COMPARABLE = sh`awk '/^\{"(rows|object)"/ { if (/^\{"object":\["extension"/) sub(/"version":"[^"]*",?/, ""); print }'`;

/** A step that makes data ready while the app serves. */
export function besideStep(
  part: string,
  database: { readonly name: string },
  what: Pick<Step, "title" | "because" | "effect" | "action" | "fails">,
): Step {
  return { id: `${part}-${database.name}`, phase: "prepare", interruptible: true, ...what };
}

/** What a backup says of itself, and the steps that hold what was restored from it against that: rows and objects, line by line. */
export function comparison(
  database: { readonly name: string },
  { folder, incoming }: Drilling,
  /** Prints the same lines of what was restored. */
  about: Script,
  ...more: readonly Script[]
): { readonly told: Step; readonly compared: Step } {
  const { manifest } = incoming;
  const told = `${folder}/about-${database.name}.jsonl`;
  const all = `${told}.all`;
  const found = `${told}.found`;
  return {
    told: besideStep("told", database, {
      title: "read what the backup says of itself",
      because: "to hold the restored data against",
      effect: "reads",
      action: incoming.bring(aboutFile(manifest), sh`umask 077; ${COMPARABLE} | sort >${told}`),
    }),
    compared: besideStep("compare", database, {
      title: "compare it with the backup",
      because: "row by row, object by object",
      effect: "reads",
      action: exec([
        // A schema may say more than its backup, which may be encrypted, is to.
        sh`forget() { rm -f ${[told, all, found]}; }
trap forget EXIT
{ ${about}; } >${all} || exit 1
${COMPARABLE} <${all} | sort >${found}`,
        sh`cmp -s ${told} ${found} || {
  comm -23 ${told} ${found} | head -n 3 | sed 's/^/error: the backup has /'
  comm -13 ${told} ${found} | head -n 2 | sed 's/^/error: restored was /'
  exit 1
}`,
        ...more,
      ]),
      fails: { id: "restore.differs", title: `what was restored from ${manifest.name} is not what was backed up` },
    }),
  };
}
