import type { AppName, ServiceName } from "../../model/names.ts";
import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { DeclaredApp } from "../sections/fleet.ts";
import type { DeclaredService } from "../sections/services.ts";
import type { Path } from "../tree.ts";

/** Holds the parts of a declaration against each other. `lineOf` tells where the other place is. */
export type Check = (declared: Declared, lineOf: (path: Path) => number) => Iterable<Mistake>;

export interface ServicePlace {
  readonly appName: AppName;
  readonly app: DeclaredApp;
  readonly name: ServiceName;
  readonly service: DeclaredService;
  readonly path: Path;
}

export function servicesOf(appName: AppName, app: DeclaredApp): readonly ServicePlace[] {
  return entriesOf(app.services ?? {}).map(([name, service]) => {
    return { appName, app, name, service, path: ["apps", appName, "services", name] };
  });
}

export function allServices({ apps }: Declared): readonly ServicePlace[] {
  return [...apps].flatMap(([name, app]) => servicesOf(name, app));
}

/** `Object.entries` forgets the kind of names that a record has. */
export function entriesOf<Key extends string, Value>(record: Partial<Record<Key, Value>>): readonly (readonly [Key, Value])[] {
  return Object.entries(record) as [Key, Value][];
}
