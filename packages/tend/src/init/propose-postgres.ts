import { container, databaseId } from "../model/names.ts";
import type { DatabaseAddress } from "./address.ts";
import type { Found, FoundService } from "./found.ts";
import type { Group } from "./group.ts";
import { kindOf } from "./kinds.ts";
import { oneLine } from "./names.ts";
import type { Section, Subject } from "./proposal.ts";
import { serverOf, userOf } from "./servers.ts";
import { everyService } from "./ways.ts";

interface PostgresSubject extends Subject {
  readonly value: {
    readonly postgres: Section & { readonly container: string; readonly name: string; readonly owner?: string };
  };
}

/** The databases that an app keeps in PostgreSQL, by the addresses that its services have for them. */
export function postgresOf({ project, services, shared }: Group, found: Found, left: string[]): readonly PostgresSubject[] {
  const all = everyService(found);
  const subjects = services.flatMap((service) =>
    service.addresses.flatMap((address): readonly PostgresSubject[] => {
      if (address.kind !== "postgres" || address.host === "") return [];
      const server = serverOf(address.host, service, all);
      if (server) return postgresSubject(server, address, found, left);
      // Where a host's name is in variables that any engine may have, only a server that is there tells which.
      if (
        !databaseId.parse(address.database ?? "") ||
        !container.parse(address.host) ||
        all.some((one) => one.name === address.host)
      )
        return [];
      if (found.where.kind !== "unknown") {
        left.push(oneLine(`${service.name}'s database at ${address.host}: its server is no container of this host`));
        return [];
      }
      const owner = databaseId.parse(address.user ?? "");
      const elsewhere = { container: address.host, name: address.database as string, ...(owner ? { owner } : {}) };
      return [{ name: elsewhere.name, value: { postgres: elsewhere }, guess: "its server is in none of these files" }];
    }),
  );
  const servers = project.services.filter((service) => kindOf(service).kind === "postgres");
  if (subjects.length > 0) {
    if (!shared) for (const server of servers) left.push(...unnamedIn(server, subjects));
    return oncePerDatabase(subjects);
  }
  const awaited = servers.filter(({ name }) => services.some(({ dependsOn }) => dependsOn.includes(name)));
  const isOnly = !shared && servers.length === 1;
  const [only, ...others] = isOnly ? servers : awaited;
  if (!only || others.length > 0) return [];
  const why = isOnly ? "the only PostgreSQL of the project" : "the PostgreSQL that the app waits for";
  return postgresSubject(only, { kind: "postgres", host: only.name }, found, left).map((subject) => ({
    ...subject,
    guess: `${why}; no address of the app says so`,
  }));
}

/** The database that a server makes at its start, where nobody says that it is used. */
function unnamedIn(server: FoundService, subjects: readonly PostgresSubject[]): readonly string[] {
  const own = server.env["POSTGRES_DB"] || server.env["POSTGRES_USER"];
  if (!own || subjects.some(({ value: { postgres } }) => postgres.container === server.container && postgres.name === own))
    return [];
  return [oneLine(`the database ${own} of ${server.name}: no address names it; declare it under databases if it is in use`)];
}

/** Services may use one database in roles of their own: whose it is, none of them says. */
function oncePerDatabase(subjects: readonly PostgresSubject[]): readonly PostgresSubject[] {
  const databases = Map.groupBy(subjects, ({ value: { postgres } }) => `${postgres.container} ${postgres.name}`);
  return [...databases.values()].flatMap((same) => {
    const [first] = same;
    const owners = [...new Set(same.flatMap(({ value }) => value.postgres.owner ?? []))];
    if (!first || owners.length < 2) return same.find(({ value }) => value.postgres.owner !== undefined) ?? same.slice(0, 1);
    const { owner: _, ...postgres } = first.value.postgres;
    return [{ ...first, value: { postgres }, guess: `${owners.join(", ")} use it: owner: says whose it is` }];
  });
}

function postgresSubject(
  server: FoundService,
  address: Extract<DatabaseAddress, { kind: "postgres" }>,
  found: Found,
  left: string[],
): readonly PostgresSubject[] {
  const user = userOf(server);
  const database = address.database ?? server.env["POSTGRES_DB"] ?? address.user ?? user;
  if (!databaseId.parse(database) || !databaseId.parse(user) || server.container === "") {
    left.push(oneLine(`the database ${database} of ${server.name}: a name that tend can't take`));
    return [];
  }
  const owner = address.user !== undefined && address.user !== user && databaseId.parse(address.user) ? address.user : undefined;
  const extensions = found.extensions.get(`${server.container} ${database}`) ?? [];
  return [
    {
      name: database,
      value: {
        postgres: {
          container: server.container,
          name: database,
          ...(user === "postgres" ? {} : { user }),
          ...(owner === undefined ? {} : { owner }),
          ...(extensions.length > 0 ? { extensions } : {}),
        },
      },
    },
  ];
}
