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
  const output = await transport.run(observationScript(mark, prelude, names, asked));
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
(
${script}
) >"$tend_tmp"/${`${name}.out`} 2>"$tend_tmp"/${`${name}.err`} </dev/null
echo $? >"$tend_tmp"/${`${name}.exit`}
) &`,
    ),
    sh`wait`,
  ]);
}

/** Each as a file, and xargs sees to it that no more than so many run; where it can't, one after the other. */
function inTurn(probes: Named, atOnce: number): Script {
  const one = 'sh "$tend_tmp/$1.sh" >"$tend_tmp/$1.out" 2>"$tend_tmp/$1.err" </dev/null; echo $? >"$tend_tmp/$1.exit"';
  return lines([
    ...probes.map(([name, script]) => sh`printf '%s\n' ${script.text} >"$tend_tmp"/${`${name}.sh`}`),
    sh`export tend_tmp
most=${`-P${atOnce}`}
echo true | xargs -P1 -n 1 >/dev/null 2>&1 || most=
printf '%s\n' ${probes.map(([name]) => name)} | xargs $most -n 1 sh -c ${one} sh`,
  ]);
}

function observationScript(mark: string, prelude: Script, names: readonly string[], asked: Script): Script {
  return lines([
    prelude,
    sh`tend_tmp=$(mktemp -d) || exit 1`,
    sh`trap 'rm -rf "$tend_tmp"' EXIT`,
    asked,
    ...names.map(
      (name) => sh`printf '\036%s out %s\n' ${mark} ${name}
cat "$tend_tmp"/${`${name}.out`}
printf '\036%s err %s\n' ${mark} ${name}
cat "$tend_tmp"/${`${name}.err`}
printf '\036%s exit %s\n' ${mark} ${name}
cat "$tend_tmp"/${`${name}.exit`}`,
    ),
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
