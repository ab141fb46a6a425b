import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { ConfigFailure } from "./failure.ts";
import { parseFleet } from "./parse-fleet.ts";

const VALID = `# everything that a declaration can say
fleet: home
hosts:
  hemma: { ssh: [hemma-local, hemma], docker: /snap/bin/docker, state: ~/tend }
  onyx: local
proxies:
  edge: { host: hemma, kind: nginx-proxy, container: nginx-proxy, network: edge, url: "http://10.0.0.5:80" }
apps:
  skriptoteket:
    host: hemma
    path: ~/apps/skriptoteket
    compose: [compose.yaml, compose.prod.yaml]
    project: skriptoteket
    env_file: .env
    profiles: [prod]
    source: { images: ghcr.io/acme, tags: { web: WEB_TAG }, build: { web: ./web } }
    env: &env { PYTHONPATH: /app/src, PORT: 8080, DEBUG: true }
    services:
      web:
        compose: skriptoteket-web
        route: { domain: skriptoteket.example, path: [/, /api], proxy: edge, port: 8000 }
        probe: { path: /health, status: 401 }
        deadline: 1m30s
      worker: { role: single-writer, drain: 10 }
    databases:
      main: { postgres: { container: shared-postgres, name: skriptoteket, user: postgres, owner: web, extensions: [citext] } }
      cache: { sqlite: { volume: app_data, path: cache.db, helper: "python:3.13-slim" } }
    files:
      artifacts: { volume: artifacts_data }
      uploads: { path: ~/apps/skriptoteket/uploads }
    migrate:
      service: web
      run: pdm run 'db upgrade'
      head: pdm run db-current
      pending: pdm run db-pending
      reversible: true
    backups:
      to: [~/backups, here:./backups, s3://bucket/prefix, { s3: bucket/other, endpoint: "https://s3.example", region: eu-north-1 }]
      keep: { last: 3, daily: 14, weekly: 8, monthly: 12 }
      encrypt: { to: [age1xkqnsrxnzgjx2p7m40pu9t60fkhmg0ervltxs4kr20l359nm2ylq5gdfuj], identity: ~/.config/tend/identity.txt }
      stale: 1d12h
    environments:
      dev:
        host: onyx
        source: { git: develop }
        services: { web: { route: null }, worker: null }
        databases: { main: { sqlite: dev.db } }
        files: { uploads: null }
        migrate: { at: start }
        backups: { to: here:dev, encrypt: null, keep: all }
  quartermaster:
    host: onyx
    path: .
    runtime: process
    env: *env
    source: { git: main }
    services:
      web: { run: "node 'src/main.ts' --x", port: 8080, probe: /healthz }
`;

const lines = VALID.split("\n");
/** What YAML, JavaScript, a shell or a terminal might trip over. */
const oddities = [
  "null",
  "~",
  "[]",
  "{}",
  "[",
  "}",
  "- x",
  "*env",
  "*nobody",
  "&env x",
  "<<: *env",
  "!!binary aGk=",
  "!x",
  "? a",
  "|",
  ">-",
  "%YAML 1.1",
  "---",
  "...",
  "\t",
  "\0",
  "\u001b[2J",
  "\ufeff",
  "\ufffd",
  "\u2028",
  "\r",
  "'",
  '"',
  "#",
  ": ",
  "-1",
  "1e999",
  ".nan",
  "0x1F",
  "true",
  "2001-01-01",
  "__proto__: 1",
  "constructor: { prototype: 1 }",
  "toString",
  "$(id)",
  "-oProxyCommand=x",
  "../../etc",
  "\ud83d\ude80",
  "\ud800",
  "a".repeat(500),
  "[".repeat(200),
  "sqlite:////data/x.db",
  "postgres://a:b@c/d",
  "s3://a:b@bucket",
  "{ s3: bucket }",
  "[here:a, here:./a]",
  "here:",
  "age1",
  "AGE-SECRET-KEY-1QQQSYQCYQ5",
  "start",
  "{ at: start }",
  "{ daily: 0 }",
];
const keys = [...new Set(VALID.match(/\b[a-z_]+(?=:)/g) ?? [])];

const at = fc.nat({ max: lines.length - 1 });
const odd = fc.oneof(
  fc.constantFrom(...oddities, ...keys),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.json({ maxDepth: 2 }),
);

type Mutation = (text: readonly string[]) => readonly string[];
const change = (line: number, edit: (text: string) => readonly string[]): Mutation => {
  return (text) => text.flatMap((old, index) => (index === line ? edit(old) : [old]));
};
const mutations = fc.oneof<fc.Arbitrary<Mutation>[]>(
  at.map((line) => change(line, () => [])),
  at.map((line) => change(line, (old) => [old, old])),
  fc.tuple(at, fc.nat(12)).map(([line, indent]) => change(line, (old) => [" ".repeat(indent) + old.trimStart()])),
  fc.tuple(at, odd).map(([line, value]) => change(line, (old) => [old.replace(/:.*/s, () => `: ${value}`)])),
  fc.tuple(at, odd).map(([line, key]) => change(line, (old) => [old.replace(/[\w-]+(?=:)/, () => key)])),
  fc.tuple(at, odd).map(([line, inserted]) => change(line, (old) => [old, inserted])),
  fc
    .tuple(at, fc.nat(60), odd)
    .map(([line, column, text]) => change(line, (old) => [old.slice(0, column) + text + old.slice(column)])),
  fc
    .tuple(at, fc.nat(60), fc.nat(10))
    .map(([line, column, count]) => change(line, (old) => [old.slice(0, column) + old.slice(column + count)])),
  fc.tuple(at, at).map(
    ([from, to]) =>
      (text) =>
        text.with(Math.min(from, text.length - 1), text[to] ?? ""),
  ),
  fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...keys)).map(
    ([from, to]) =>
      (text) =>
        text.map((line) => line.replace(`${from}:`, `${to}:`)),
  ),
);

const mutated = fc
  .array(mutations, { minLength: 1, maxLength: 4 })
  .map((all) => all.reduce<readonly string[]>((text, mutate) => mutate(text), lines).join("\n"));
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("utf8"));
const anyText = fc.oneof(
  anyBytes,
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.array(odd, { maxLength: 20 }).map((all) => all.join("\n")),
);

function judge(text: string): "fleet" | "failure" {
  try {
    parseFleet(text, "/home/me/tend.yaml");
    return "fleet";
  } catch (error) {
    if (!(error instanceof ConfigFailure)) throw error;
    expectLocated(error, text);
    return "failure";
  }
}

function expectLocated(failure: ConfigFailure, text: string): void {
  const inFile = text.replace(/^\ufeff/, "").split("\n");
  const shown = failure.text;
  if (failure.id !== "config" || failure.problems.length === 0) throw new Error("a failure without a problem");
  for (const { line, column, title } of failure.problems) {
    const source = inFile[line - 1];
    if (source === undefined || column < 1 || column > source.length + 1)
      throw new Error(`${line}:${column} is not in the file: ${title}`);
  }
  if (/at Object|\.ts:\d|node_modules|undefined|\[object|Invalid input/.test(shown) && !/undefined|\[object/.test(text))
    throw new Error(shown);
  if (/QQQSYQCYQ5/i.test(shown)) throw new Error(`a secret reached the terminal: ${shown}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the point
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(shown)) throw new Error(`a control character reached the terminal: ${JSON.stringify(shown)}`);
}

describe("whatever the text, it is a fleet or a list of located problems", () => {
  test("the original is a fleet", () => {
    expect(judge(VALID)).toBe("fleet");
  });

  test("a declaration that was damaged", { timeout: 60_000 }, () => {
    const outcomes = { fleet: 0, failure: 0 };
    fc.assert(
      fc.property(mutated, (text) => {
        outcomes[judge(text)] += 1;
      }),
      { numRuns: 3500 },
    );
    expect(Math.min(outcomes.fleet, outcomes.failure)).toBeGreaterThan(100);
  });

  test("any text at all", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyText, (text) => void judge(text)),
      { numRuns: 1700 },
    );
  });

  test("any environment that is asked for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (environment) => {
        expect(() => parseFleet(VALID, "/tend.yaml", environment)).toThrow(Failure);
      }),
      { numRuns: 100 },
    );
  });
});
