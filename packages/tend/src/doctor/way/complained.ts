import { complaints, type ProxySeen } from "../facts/proxies.ts";

/** What the proxy complained of since it last loaded its configuration, with the domain where a line names one, as nginx's do. */
export function complained(
  seen: ProxySeen | undefined,
): readonly { readonly at: string; readonly text: string; readonly domain?: string }[] {
  return (seen ? complaints(seen) : []).map(({ at, text }) => ({
    at,
    text,
    domain: /host: "([^":]+)/.exec(text)?.[1]?.toLowerCase(),
  }));
}
