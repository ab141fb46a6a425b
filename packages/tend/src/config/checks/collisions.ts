import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { Path } from "../tree.ts";
import { allServices, type ServicePlace } from "./check.ts";

interface Claim {
  /** Two claims with the same text exclude each other. */
  readonly on: string;
  readonly says: string;
  readonly path: Path;
  readonly by: ServicePlace;
}

/** No two services claim the same route, container or port. */
export function* collisions(declared: Declared, lineOf: (path: Path) => number): Iterable<Mistake> {
  const claimed = new Map<string, Claim>();
  for (const claim of allServices(declared).flatMap(claimsOf)) {
    const first = claimed.get(claim.on);
    if (!first) claimed.set(claim.on, claim);
    else yield { path: claim.path, says: claim.says, hint: `also in ${first.by.path.join(".")} on line ${lineOf(first.path)}` };
  }
}

function claimsOf(by: ServicePlace): readonly Claim[] {
  return [...routeClaims(by), ...composeClaims(by), ...portClaims(by)];
}

function routeClaims(by: ServicePlace): readonly Claim[] {
  const { route } = by.service;
  return (route?.paths ?? []).map((path) => {
    const says = `${route?.domain}${path} is routed twice`;
    return {
      on: `route ${route?.domain}${path.replace(/\/$/, "")}`,
      says,
      path: [...by.path, "route", path === "/" ? "domain" : "path"],
      by,
    };
  });
}

function composeClaims(by: ServicePlace): readonly Claim[] {
  if (by.app.runtime !== "compose") return [];
  const name = by.service.compose ?? by.name;
  const place = [by.app.host, by.app.path.replace(/\/$/, ""), by.app.project ?? ""];
  const says = `the compose service ${name} belongs to two services`;
  return [{ on: ["compose", ...place, name].join(" "), says, path: by.service.compose ? [...by.path, "compose"] : by.path, by }];
}

function portClaims(by: ServicePlace): readonly Claim[] {
  const { port } = by.service;
  if (port === undefined) return [];
  return [
    { on: `port ${by.app.host} ${port}`, says: `port ${port} of ${by.app.host} is used twice`, path: [...by.path, "port"], by },
  ];
}
