import type { z } from "zod";
import { plainName, section } from "../values.ts";
import { app, apps } from "./apps.ts";
import { contract } from "./contract.ts";
import { dns } from "./dns.ts";
import { doctor } from "./doctor.ts";
import { hostSchema, hosts } from "./hosts.ts";
import { proxies, proxy } from "./proxies.ts";

/** The whole declaration. */
export const fleet = section("a map with fleet, hosts and apps", {
  fleet: plainName.describe("The fleet's name, shown wherever several fleets could be meant."),
  hosts,
  proxies: proxies.optional(),
  apps: apps.optional(),
  dns: dns.optional(),
  doctor: doctor.optional(),
  contract: contract.optional(),
}).describe("What tend looks after: hosts, the proxies on them and the apps.");

/** What stands under a name, so that one mistake doesn't hide the others from the checks. */
export const each = { hosts: hostSchema, proxies: proxy, apps: app, dns, doctor, contract } as const;

export type DeclaredHost = z.output<typeof hostSchema>;
export type DeclaredProxy = z.output<typeof proxy>;
export type DeclaredDns = z.output<typeof dns>;
export type DeclaredDoctor = z.output<typeof doctor>;
export type DeclaredApp = z.output<typeof app>;
