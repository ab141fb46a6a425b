import { askName, type NameSeen } from "../../dns/ask.ts";
import { domainsOf } from "../../dns/domains.ts";
import { herePart } from "./part.ts";

export interface Names {
  readonly asked: readonly NameSeen[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

/** What the name servers that are responsible for the apps' domains say of them. */
export const names = herePart<Names>({
  within: 12,
  async look({ fleet, apps }, { signal }) {
    const domains = domainsOf(fleet, apps);
    const { servers } = fleet.dns;
    return {
      asked: await Promise.all(
        domains.filter(({ skip }) => skip === undefined).map(({ name }) => askName(name, { servers, signal })),
      ),
      skipped: domains.flatMap(({ name, skip }) => (skip === undefined ? [] : [{ name, why: skip }])),
    };
  },
});
