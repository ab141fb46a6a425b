import { z } from "zod";
import { container } from "../../model/names.ts";
import type { Renewal } from "../../model/renewal.ts";
import { absolutePath, named, path, section, words } from "../values.ts";

const BY = ["acme-companion", "certbot", "caddy", "traefik"] as const;
type By = (typeof BY)[number];

/** Which of them each key is for. */
const FOR: Readonly<Record<string, By>> = {
  container: "acme-companion",
  how: "certbot",
  webroot: "certbot",
  run: "certbot",
  in: "certbot",
  storage: "traefik",
};

/** What each can't do without. */
const NEEDED: Partial<Record<By, { readonly key: string; readonly message: string }>> = {
  "acme-companion": { key: "container", message: "container: NAME, the companion's own" },
  certbot: { key: "how", message: "how: standalone, or how: webroot" },
};

export const tls = section("a map with by", {
  by: z
    .enum(BY, { error: "acme-companion, certbot, caddy or traefik" })
    .describe("What renews the certificates: a program beside the proxy, or the proxy itself."),
  container: named<"container">(container).optional().describe("acme-companion only. The name of its container."),
  how: z
    .enum(["standalone", "webroot"], { error: "standalone or webroot" })
    .optional()
    .describe("certbot only. standalone: it answers the challenge itself while the proxy is stopped; webroot: the proxy does."),
  webroot: absolutePath
    .optional()
    .describe("how: webroot only. The folder that certbot puts the challenge's files into, and that the proxy serves."),
  run: words
    .optional()
    .describe("certbot only. How it is called: sudo certbot, docker compose run --rm certbot. Default: certbot."),
  in: path.optional().describe("certbot only. The folder on the host where it is called."),
  storage: absolutePath
    .optional()
    .describe("traefik only. The file in its container that it keeps certificates in. Default: /letsencrypt/acme.json."),
})
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const given = value as Readonly<Record<string, unknown>>;
    const wrong = (key: string, says: string, message: string) =>
      issues.push({ code: "custom", path: [key], message, input: value, params: { says, spot: "key" } });
    for (const [key, by] of Object.entries(FOR)) {
      if (given[key] !== undefined && by !== value.by)
        wrong(key, `${key} doesn't go with by: ${value.by}`, `by: ${by}, or no ${key}`);
    }
    const needed = NEEDED[value.by];
    if (needed && given[needed.key] === undefined) {
      issues.push({ code: "custom", message: needed.message, input: value, params: { says: `${needed.key} is missing` } });
    }
    if (value.how === "webroot" && !value.webroot) wrong("how", "how: webroot needs the folder", "webroot: /a/folder, too");
    if (value.how === "standalone" && value.webroot) wrong("webroot", "webroot doesn't go with how: standalone", "how: webroot");
  })
  .transform(({ by, container, webroot, run = ["certbot"], in: folder, storage = "/letsencrypt/acme.json" }): Renewal => {
    if (by === "acme-companion") return { by, container: container as NonNullable<typeof container> };
    if (by === "certbot") return { by, webroot, run, in: folder };
    return by === "traefik" ? { by, storage } : { by };
  })
  .describe("How its certificates are renewed, for `tend tls` and `tend doctor`.");
