import type { Found } from "./found.ts";
import type { Proposal } from "./proposal.ts";

/** What was found, guessed and left out, in few lines; the declaration itself says the rest. */
export function summaryLines(found: Found, { apps, proxies, guesses, left }: Proposal): readonly string[] {
  const where =
    found.where.kind === "ssh"
      ? found.where.alias
      : found.where.kind === "local"
        ? `${found.where.name}, this machine`
        : "this folder";
  const services = found.projects.reduce((sum, project) => sum + project.services.length, 0) + found.loose.length;
  const width = Math.max(0, ...apps.map((app) => app.name.length));
  const guessed = [...guesses, ...apps.flatMap((app) => app.guesses)].length;
  const leftOut = [...left, ...apps.flatMap((app) => app.left.map((line) => `${app.name}: ${line}`))];
  return [
    `${where}: ${counted(new Set(found.projects.map(({ name }) => name)).size, "compose project")}, ${counted(services, found.where.kind === "unknown" ? "service" : "container")}, ${counted(Object.keys(proxies).length, "proxy", "proxies")}`,
    ...apps.map((app) => `  ${app.name.padEnd(width)}  ${partsOf(app.value).join(" · ")}`),
    ...(guessed > 0 ? [`guessed   ${counted(guessed, "thing")}: each says so in the file`] : []),
    ...leftOut.slice(0, MOST).map((line, at) => `${at === 0 ? "left out" : "        "}  ${line}`),
    ...(leftOut.length > MOST ? [`          and ${leftOut.length - MOST} more, in the file`] : []),
  ];
}

const MOST = 8;

function partsOf(app: Proposal["apps"][number]["value"]): readonly string[] {
  const named = (value: unknown): readonly string[] =>
    Array.isArray(value) ? value.map(String) : Object.keys((value ?? {}) as object);
  const services = named(app["services"]).map((name) => {
    const domain = (app["services"] as Readonly<Record<string, { route?: { domain?: string } }>>)?.[name]?.route?.domain;
    return domain ? `${name} → ${domain}` : name;
  });
  const [kind] = Object.keys((app["source"] ?? {}) as object);
  return [
    services.join(", "),
    ...Object.entries((app["databases"] ?? {}) as Readonly<Record<string, object>>).map(([, database]) =>
      "postgres" in database ? "PostgreSQL" : "SQLite",
    ),
    ...(app["files"] ? [`files: ${named(app["files"]).join(", ")}`] : []),
    ...(kind === "git" ? ["built from git"] : kind ? ["images"] : []),
  ];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
