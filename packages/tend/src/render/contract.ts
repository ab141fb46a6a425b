import type { Breach, Judgement } from "../contract/judge.ts";

/**
 * compose.prod.yaml:14:7  error[contract.memory]: web has no memory limit
 *     why  without a limit, …
 *     fix  add
 *            mem_limit: 512m
 */
export function judgementLines(app: string, judgement: Judgement): readonly string[] {
  const { contract, services, breaches, excepted, unknown } = judgement;
  const held = `${services.length} ${services.length === 1 ? "service" : "services"}`;
  const verdict =
    breaches.length === 0
      ? `✔ ${app}: ${held}, as ${contract} asks`
      : `✖ ${app}: ${counted(breaches.length, "breach", "breaches")} of ${contract}`;
  return [
    ...breaches.flatMap((breach, at) => breachLines(breach, breaches.findIndex(({ rule }) => rule === breach.rule) === at)),
    ...unknownLines(app, unknown),
    ...excepted.map(({ rule, service, because }) => `· ${service} is let off [contract.${rule}]: ${because}`),
    verdict,
  ];
}

/** The same of several services is said once. */
function unknownLines(app: string, unknown: Judgement["unknown"]): readonly string[] {
  const alike = Map.groupBy(unknown, ({ rule, service, what }) => `${rule} ${what.replaceAll(service, "")}`);
  return [...alike.values()].map(([first, ...others]) => {
    const { rule = "", what = "" } = first ?? {};
    const rest = others.length > 0 ? `; nor of ${others.map(({ service }) => service).join(", ")}` : "";
    return `? ${app}: not known [contract.${rule}]: ${what}${rest}`;
  });
}

export function breachHead({ file, line, column, severity, rule, title }: Breach): string {
  return `${file}:${line}:${column}  ${severity}[contract.${rule}]: ${title}`;
}

/** Why is said once, where a rule is first broken. */
function breachLines(breach: Breach, first: boolean): readonly string[] {
  const { why, fix } = breach;
  return [
    breachHead(breach),
    ...(first ? [`    why  ${why}`] : []),
    `    fix  ${fix.text}`,
    ...fix.lines.map((line) => `           ${line}`),
  ];
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
