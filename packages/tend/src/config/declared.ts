import type { z } from "zod";
import type { AppName, HostName, ProxyName } from "../model/names.ts";
import { issuesOf, type Mistake, mistakesOf } from "./issues.ts";
import type { DeclaredContract } from "./sections/contract.ts";
import {
  type DeclaredApp,
  type DeclaredDns,
  type DeclaredDoctor,
  type DeclaredHost,
  type DeclaredProxy,
  each,
  fleet,
} from "./sections/fleet.ts";
import { childOf, keysOf, type Path, plain, type Tree } from "./tree.ts";

/** The declaration after each part was read by itself, before its parts are held against each other. */
export interface Declared {
  readonly fleet: string;
  readonly hosts: ReadonlyMap<HostName, DeclaredHost>;
  readonly proxies: ReadonlyMap<ProxyName, DeclaredProxy>;
  readonly apps: ReadonlyMap<AppName, DeclaredApp>;
  readonly dns?: DeclaredDns;
  readonly doctor?: DeclaredDoctor;
  readonly contract?: DeclaredContract;
  /** Also those that are wrong in themselves: a reference to one of them is none the worse. */
  readonly names: { readonly hosts: readonly string[]; readonly proxies: readonly string[] };
}

export function readDeclared(tree: Tree): { declared: Declared; mistakes: readonly Mistake[] } {
  const mistakes = mistakesOf(fleet, plain(tree));
  const hosts = childOf(tree, "hosts");
  const proxies = childOf(tree, "proxies");
  const declared: Declared = {
    fleet: String(plain(childOf(tree, "fleet") ?? tree)),
    hosts: sound<HostName, DeclaredHost>(each.hosts, hosts),
    proxies: sound<ProxyName, DeclaredProxy>(each.proxies, proxies),
    apps: sound<AppName, DeclaredApp>(each.apps, childOf(tree, "apps")),
    dns: whole(each.dns, childOf(tree, "dns")),
    doctor: whole(each.doctor, childOf(tree, "doctor")),
    contract: whole(each.contract, childOf(tree, "contract")),
    names: { hosts: keysOf(hosts), proxies: keysOf(proxies) },
  };
  return { declared, mistakes };
}

/** Those of a section that can be read. The whole section's schema has judged the names already. */
function sound<Name extends string, Value>(schema: z.ZodType<Value>, section: Tree | undefined): ReadonlyMap<Name, Value> {
  const read = keysOf(section).flatMap((name) => {
    const value = readLeniently(schema, plain(childOf(section, name) as Tree));
    return value === undefined ? [] : [[name as Name, value] as const];
  });
  return new Map(read);
}

function whole<Value>(schema: z.ZodType<Value>, section: Tree | undefined): Value | undefined {
  return section && readLeniently(schema, plain(section));
}

const ROUNDS = 8;

/**
 * What is wrong is reported already; without it the rest may well be sound, and its references can be checked.
 * A part that misses something goes as a whole, so each round leaves less.
 */
function readLeniently<Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined {
  for (let round = 0; round < ROUNDS; round += 1) {
    const issues = issuesOf(schema, value);
    if (issues.length === 0) break;
    const wrong = issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
    );
    if (!wrong.every((path) => takeOut(value, path))) return undefined;
  }
  return schema.safeParse(value, { jitless: true }).data;
}

/** False when it is the whole that has to go. */
function takeOut(value: unknown, path: Path): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return false;
  if (!isMap(value)) return false;
  // It went in the same round already, or it is what is missing.
  if (!Object.hasOwn(value, step)) return rest.length > 0;
  if (rest.length === 0 || !takeOut(value[step], rest)) delete value[step];
  return true;
}

function isMap(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
