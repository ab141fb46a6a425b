import { randomBytes } from "node:crypto";
import { lines, type Script, sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";

/** What one probe's script printed on the host. */
export interface Seen {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A question to a host: a script that only reads, and how its answer is understood. */
export interface Probe<T> {
  readonly script: Script;
  read(seen: Seen): T;
}

export type Probes = Readonly<Record<string, Probe<unknown>>>;
export type Answers<P extends Probes> = { readonly [K in keyof P]: P[K] extends Probe<infer T> ? T : never };

export function probe<T>(script: Script, read: (seen: Seen) => T): Probe<T> {
  return { script, read };
}

/**
 * Asks everything in one round trip. The probes run side by side on the host, each in a subshell of its own
 * after `prelude`, so that the slowest one decides how long it takes. With `atOnce` no more than so many of them run at a
 * time: thirty of Docker's clients together are more than a small server has memory for.
 */
export async function observe<P extends Probes>(
  transport: Transport,
  prelude: Script,
  probes: P,
  options: { readonly atOnce?: number } = {},
): Promise<Answers<P>> {
  const mark = randomBytes(9).toString("hex");
  const names = Object.keys(probes);
  const scripts = names.map((name) => [name, (probes[name] as Probe<unknown>).script] as const);
  const asked = options.atOnce === undefined ? allAtOnce(scripts) : inTurn(scripts, options.atOnce);
  const output = await transport.run(observationScript(mark, prelude, asked));
  const seen = split(mark, output.stdout);
  return Object.fromEntries(
    names.map((name) => {
      const answer = seen.get(name);
      if (!answer) throw new Error(`the host's shell ended before it answered "${name}": ${output.stderr.trim().slice(0, 300)}`);
      return [name, (probes[name] as Probe<unknown>).read(answer)];
    }),
  ) as Answers<P>;
}

type Named = readonly (readonly [name: string, script: Script])[];

function allAtOnce(probes: Named): Script {
  return lines([
    ...probes.map(
      ([name, script]) => sh`(
tend_name=${name}
${HEAD}
(
${script}
) 2>"$tend_tmp/$tend_name.err" </dev/null
${TAIL}
) >"$tend_tmp"/${`${name}.told`} &`,
    ),
    sh`wait`,
  ]);
}

/** An answer is one file, and all of them are one `cat`: a process for each stream of each probe takes longer than many a probe. */
const HEAD = sh`printf '\036%s out %s\n' "$tend_mark" "$tend_name"`;
const TAIL = sh`tend_exit=$?
printf '\036%s err %s\n' "$tend_mark" "$tend_name"
[ ! -s "$tend_tmp/$tend_name.err" ] || cat "$tend_tmp/$tend_name.err"
printf '\036%s exit %s\n%s\n' "$tend_mark" "$tend_name" "$tend_exit"`;

/**
 * Each as a file, and xargs sees to it that no more than so many run; where it can't, one after the other. The mark isn't
 * exported: what a probe starts may print its environment.
 */
function inTurn(probes: Named, atOnce: number): Script {
  const one = sh`tend_mark=$0 tend_name=$1
exec >"$tend_tmp/$tend_name.told"
${HEAD}
sh "$tend_tmp/$tend_name.sh" 2>"$tend_tmp/$tend_name.err" </dev/null
${TAIL}`;
  return lines([
    ...probes.map(([name, script]) => sh`printf '%s\n' ${script.text} >"$tend_tmp"/${`${name}.sh`}`),
    sh`export tend_tmp
most=${`-P${atOnce}`}
echo true | xargs -P1 -n 1 >/dev/null 2>&1 || most=
printf '%s\n' ${probes.map(([name]) => name)} | xargs $most -n 1 sh -c ${one.text} "$tend_mark"`,
  ]);
}

function observationScript(mark: string, prelude: Script, asked: Script): Script {
  return lines([
    prelude,
    sh`tend_mark=${mark}
tend_tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tend_tmp"' EXIT`,
    asked,
    sh`cat "$tend_tmp"/*.told 2>/dev/null`,
  ]);
}

function split(mark: string, text: string): Map<string, Seen> {
  const parts = new Map<string, { out: string; err: string; exit: string }>();
  for (const section of text.split(`\x1e${mark} `).slice(1)) {
    const [head, ...rest] = section.split("\n");
    const [kind, name] = (head ?? "").split(" ");
    if (name === undefined) continue;
    const entry = parts.get(name) ?? { out: "", err: "", exit: "" };
    parts.set(name, { ...entry, [kind as string]: rest.join("\n") });
  }
  return new Map(
    [...parts].map(([name, { out, err, exit }]) => [name, { exit: Number(exit.trim() || 1), stdout: out, stderr: err }]),
  );
}
