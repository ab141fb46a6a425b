import { type Check, defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { complained } from "../../way/complained.ts";
import { lookedAt, waysOf } from "../../way/routed.ts";

/** A judge of what nginx complained of since it last loaded its configuration, by the domain that the line names. */
function refusals(
  pattern: RegExp,
  says: (domain: string, count: number, last: string) => { readonly title: string; readonly fix: string },
): Check["judge"] {
  return function* (seen, scene) {
    for (const way of waysOf(scene)) {
      const own = complained(lookedAt(seen, way)).filter(({ text, domain }) => domain === way.route.domain && pattern.test(text));
      const last = own.at(-1);
      if (!last) {
        yield pass(way.subject);
        continue;
      }
      const { title, fix } = says(way.route.domain, own.length, last.text);
      yield fail(way.subject, {
        title,
        evidence: own.slice(-2).map(({ at, text }) => `${at.slice(0, 19)} ${text}`),
        fix: { class: "person", text: fix },
      });
    }
  };
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);

export const bodySize = defineCheck({
  id: "route.body-size",
  severity: "warning",
  finds: "uploads that the proxy has refused as too large: 413",
  about:
    "nginx allows 1 MB where nothing else is said. Its log of the last hour is read, since it last loaded its configuration.",
  remedy: "Raise client_max_body_size for the site; for nginx-proxy in a file in vhost.d with the domain's name.",
  fixClass: "person",
  judge: refusals(/intended to send too large body/, (domain, count, last) => {
    const bytes = Number(/too large body: (\d+) bytes/.exec(last)?.[1] ?? 0);
    const megabytes = Math.ceil(bytes / 1e6);
    return {
      title: `an upload to ${domain} was refused ${times(count)} in the last hour${megabytes > 0 ? `, the last one of ${megabytes} MB` : ""}`,
      fix: `set client_max_body_size ${Math.max(10, 2 ** Math.ceil(Math.log2(megabytes + 1)))}m; for the site (nginx-proxy: in vhost.d/${domain}), nginx -t, and reload`,
    };
  }),
});

export const headerSize = defineCheck({
  id: "route.header-size",
  severity: "error",
  finds: "answers whose header is too big for the proxy: 502",
  about:
    "Large cookies and tokens don't fit nginx's 4 or 8 kB. Its log of the last hour is read, since it last loaded its configuration.",
  remedy: "Raise proxy_buffer_size and proxy_buffers for the site.",
  fixClass: "person",
  judge: refusals(/upstream sent too big header/, (domain, count) => ({
    title: `the header of an answer of ${domain} was too big ${times(count)} in the last hour: users got 502`,
    fix: "set proxy_buffer_size 16k; proxy_buffers 8 16k; for the site, nginx -t, and reload",
  })),
});

export const routeTimeout = defineCheck({
  id: "route.timeout",
  severity: "warning",
  finds: "answers that took longer than the proxy waits: 504",
  about: "nginx waits 60 seconds for an answer. Its log of the last hour is read, since it last loaded its configuration.",
  remedy: "Find what is slow; where it has to be, raise proxy_read_timeout for that location.",
  fixClass: "person",
  follows: ["proxy.upstream.slow", "proxy.network", "proxy.name.stale"],
  judge: refusals(/upstream timed out/, (domain, count) => ({
    title: `${domain} answered too late ${times(count)} in the last hour: users got 504`,
    fix: "find what is slow in the app's log; where it has to be, set proxy_read_timeout for that location, nginx -t, and reload",
  })),
});
