import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseFleet } from "../../../config/parse-fleet.ts";
import type { Scene } from "../../../doctor/scene.ts";
import { actionText } from "../../../plan/print.ts";
import type { Certificate } from "../../../tls/certificate.ts";
import { type DomainSeen, joined } from "./look.ts";
import { dueOf, isStale, renewalSteps } from "./steps.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const days = (count: number) => new Date(NOW.getTime() + count * 86_400_000).toISOString();
const certificate = (change: Partial<Certificate> = {}): Certificate => ({
  fingerprint: "aa",
  names: ["a.example"],
  subject: "a.example",
  issuer: "E7",
  from: days(-10),
  until: days(80),
  selfSigned: false,
  ...change,
});

const proxyWith = (tls: string, kind = "nginx") => {
  const yaml = `fleet: home\nhosts: { a: { ssh: a } }\nproxies:\n  edge: { host: a, kind: ${kind}, container: the-proxy, tls: ${tls} }\n`;
  const [proxy] = parseFleet(yaml, "/home/me/tend.yaml").proxies.values();
  if (!proxy) throw new Error("no proxy");
  return proxy;
};
const STANDALONE = proxyWith("{ by: certbot, how: standalone }");
const LIVE = "/etc/letsencrypt/live/a.example/fullchain.pem";
const seen = (kept: Partial<Certificate> | undefined, path = LIVE, proxy = STANDALONE, domain = "a.example"): DomainSeen => ({
  domain,
  app: "web",
  proxy,
  at: [{ address: { host: "203.0.113.7", port: 443 }, served: { kind: "served", chain: [certificate()] } }],
  files: kept ? [{ path, configured: true, certificate: certificate(kept) }] : [],
});
/** A proxy that is configured with all of these, and serves the certificate "aa". */
const pairOf = (files: Readonly<Record<string, Partial<Certificate>>>): DomainSeen => ({
  ...seen({}),
  files: Object.entries(files).map(([path, kept]) => ({ path, configured: true, certificate: certificate(kept) })),
});
const texts = (...args: Parameters<typeof renewalSteps>) =>
  renewalSteps(...args).steps.map(({ id, action }) => [id, actionText(action).join("\n")] as const);

describe("what is due", () => {
  test("is what has a third of its lifetime left or less, and what is not there at all", () => {
    expect(dueOf([seen({})], NOW, false)).toEqual([]);
    expect(dueOf([seen({ until: days(4) })], NOW, false)).toEqual([
      { lineage: "a.example", path: LIVE, fingerprint: "aa", domains: ["a.example"] },
    ]);
    expect(dueOf([seen(undefined)], NOW, false)).toMatchObject([{ lineage: undefined, path: LIVE }]);
    expect(dueOf([seen({})], NOW, true)).toHaveLength(1);
  });

  test("is renewed once for all the domains that it is for", () => {
    const both = [seen({}), seen({}, LIVE, STANDALONE, "b.example")];
    expect(dueOf(both, NOW, true)).toMatchObject([{ domains: ["a.example", "b.example"] }]);
  });

  test("is the domain's own, not the wildcard beside it", () => {
    const files = [
      {
        path: "/etc/letsencrypt/live/wild/fullchain.pem",
        configured: true,
        certificate: certificate({ names: ["*.example"], fingerprint: "ww", from: days(-1) }),
      },
      { path: LIVE, configured: true, certificate: certificate() },
    ];
    const scene = { fleet: { proxies: new Map([["edge", STANDALONE]]) } } as unknown as Scene;
    const shown = { domain: "a.example", app: "web", proxy: "edge", at: seen({}).at };
    expect(dueOf(joined(scene, [shown], [{ proxy: "edge", files }]), NOW, true).map(({ lineage }) => lineage)).toEqual([
      "a.example",
    ]);
  });

  test("is each of a pair, where the proxy has a key of every kind", () => {
    const [rsa, ecdsa] = ["a.example-rsa", "a.example"].map((name) => `/etc/letsencrypt/live/${name}/fullchain.pem`);
    const pair = pairOf({ [rsa as string]: { fingerprint: "bb", from: days(-9) }, [ecdsa as string]: {} });
    expect(dueOf([pair], NOW, true).map(({ lineage }) => lineage)).toEqual(["a.example-rsa", "a.example"]);
    expect(isStale(pair), "what it serves is the older one of two that it has").toBe(false);
    const renewed = pairOf({
      [rsa as string]: { fingerprint: "bb", from: days(-9) },
      [ecdsa as string]: { fingerprint: "cc", from: days(-1) },
    });
    expect(isStale(renewed)).toBe(true);
  });

  test("is not what is on disk already and only has to be loaded", () => {
    expect(isStale(seen({ fingerprint: "bb", from: days(-1) }))).toBe(true);
    expect(isStale(seen({}))).toBe(false);
    expect(texts(STANDALONE, [], true).map(([id]) => id)).toEqual(["reload-edge"]);
    expect(texts(STANDALONE, [], false)).toEqual([]);
  });
});

describe("the steps", () => {
  const due = dueOf([seen({ until: days(4) })], NOW, false);

  test("of standalone stop the proxy, and start it again in three ways", () => {
    const { steps, undo } = renewalSteps(STANDALONE, due, false);
    expect(steps.map(({ id }) => id)).toEqual(["renew-edge", "new-edge-1", "reload-edge"]);
    const [text = ""] = steps[0] ? actionText(steps[0].action) : [];
    expect(text).toContain("trap back EXIT");
    expect(text).toContain("docker stop -t 10 the-proxy");
    expect(text).toContain('while kill -0 "$1"; do sleep 1; done; docker start "$2"');
    expect(text).toContain(
      "certbot renew --cert-name a.example --no-random-sleep-on-renew --standalone --force-renewal --non-interactive || failed=$?",
    );
    expect(undo.map(({ of, action }) => [of, actionText(action)])).toEqual([["renew-edge", ["docker start the-proxy"]]]);
  });

  test("of webroot leave the proxy alone, and call certbot where and as it is declared", () => {
    const proxy = proxyWith(
      "{ by: certbot, how: webroot, webroot: /var/www, run: docker compose run --rm certbot, in: ~/infra }",
    );
    const [[, text = ""] = []] = texts(proxy, dueOf([seen(undefined, LIVE, proxy)], NOW, false), false);
    expect(text).toBe(
      'cd "$HOME"/infra || exit 1\nfailed=0\ndocker compose run --rm certbot certonly --cert-name a.example -d a.example --webroot --webroot-path /var/www --force-renewal --non-interactive || failed=$?\nexit $failed',
    );
  });

  test("renew the others, though one is refused", () => {
    const proxy = proxyWith("{ by: certbot, how: webroot, webroot: /w }");
    const both = dueOf([seen(undefined, LIVE, proxy), seen(undefined, LIVE, proxy, "b.example")], NOW, false);
    const [[, script = ""] = []] = texts(proxy, both, false);
    const run = (certbot: string) => spawnSync("sh", ["-c", `certbot() { ${certbot}; }\n${script}`], { encoding: "utf8" });
    expect(run('echo "$3"; [ "$3" != a.example ]')).toMatchObject({ status: 1, stdout: "a.example\nb.example\n" });
    expect(run(":")).toMatchObject({ status: 0 });
  });

  test("with sudo never wait for a password", () => {
    const proxy = proxyWith("{ by: certbot, how: webroot, webroot: /w, run: sudo certbot }");
    expect(texts(proxy, due, false)[0]?.[1]).toMatch(/^sudo -n certbot renew/m);
  });

  test("of acme-companion force what is there, ask for what is missing, and wait for it", () => {
    const proxy = proxyWith("{ by: acme-companion, container: acme }", "nginx-proxy");
    const path = "/etc/nginx/certs/a.example.crt";
    const forced = texts(proxy, dueOf([seen({ until: days(4) }, path, proxy)], NOW, false), false);
    expect(forced).toMatchObject([
      ["renew-edge", "docker exec acme /app/force_renew"],
      ["new-edge-1", `wait until ${path} in the-proxy is another one, at most 180 s`],
      ["reload-edge", "docker exec the-proxy nginx -t\ndocker exec the-proxy nginx -s reload"],
    ]);
    const missing = texts(proxy, dueOf([seen(undefined, path, proxy)], NOW, false), false);
    expect(missing[0]).toEqual(["renew-edge", "docker exec acme /app/signal_le_service"]);
  });
});
