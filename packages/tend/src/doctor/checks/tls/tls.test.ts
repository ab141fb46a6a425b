import { describe, expect, test } from "vitest";
import type { Check } from "../../check.ts";
import { seenOf } from "../../facts/index.ts";
import { judge } from "../../judge.ts";
import { type Changes, cases, factsOf, sceneOf } from "../../testing.ts";
import { mismatch } from "../dns/mismatch.ts";
import { checks } from "../index.ts";
import { routePublic } from "../route/way.ts";
import { unreachable, wrongAddress } from "./acme-answers.ts";
import { rateLimited, refusal } from "./acme-refusals.ts";
import { chain } from "./chain.ts";
import { defaultCert } from "./default-cert.ts";
import { expiry } from "./expiry.ts";
import { refused } from "./handshake.ts";
import { name } from "./name.ts";
import { renewalOld, unscheduled } from "./renewal.ts";
import { served } from "./served.ts";
import {
  asked,
  CERTBOT,
  certificate,
  DOMAIN,
  days,
  leaf,
  ON,
  onDisk,
  RIGHT,
  renewed,
  shown,
  status,
  withTls,
} from "./testing.ts";

/** A `here` part, and an answer, that could not be had. */
const DOCKER_REFUSES = { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" };
const GOOD = { ...shown(leaf()), ...onDisk({}) };
const needsNothing = "what is looked for from here is always there: an address that doesn't answer is said to be skipped";

cases(expiry, {
  yaml: withTls(),
  good: {
    "80 of 90 days": GOOD,
    "two thirds of an hour-long life": shown(leaf({ from: days(-0.02), until: days(0.04) })),
    "nothing listens": shown({ kind: "unreachable", why: "ECONNREFUSED" }),
    "the files can't be read": { ...shown(leaf()), certificateFiles: DOCKER_REFUSES },
  },
  bad: {
    expired: { seen: shown(leaf({ until: days(-3) })), on: ON, says: "expired 3 d ago" },
    "a fifth is left": {
      seen: shown(leaf({ from: days(-72), until: days(18) })),
      on: ON,
      says: "20 % of its lifetime left (18 d)",
    },
    "an old one on v6 alone": { seen: shown(leaf(), leaf({ until: days(-1) })), on: ON, says: "2001:db8::7" },
    "a tenth of a 6-day certificate": { seen: shown(leaf({ from: days(-6), until: days(0.6) })), on: ON, says: "14 h" },
    "made in the future": { seen: shown(leaf({ from: days(1) })), on: ON, says: "clock" },
  },
  unmeasurable: needsNothing,
});

cases(name, {
  yaml: withTls(),
  good: { "its name": GOOD, "a wildcard": shown(leaf({ names: ["*.example"] })) },
  bad: {
    "another app's": { seen: shown(leaf({ names: ["other.example"] })), on: ON, says: "other.example" },
    "a wildcard is for one label": { seen: shown(leaf({ names: ["*.skriptoteket.example"] })), on: ON, says: "none was issued" },
    "its own is on disk": {
      seen: { ...shown(leaf({ names: ["other.example"] })), ...onDisk({}) },
      on: ON,
      says: "/etc/nginx/certs",
    },
  },
  unmeasurable: needsNothing,
});

cases(chain, {
  yaml: withTls(),
  good: { trusted: GOOD, "expired is another matter": shown(leaf({ until: days(-1) }, "CERT_HAS_EXPIRED")) },
  bad: {
    "the intermediate is missing": {
      seen: shown(leaf({}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE")),
      on: ON,
      says: "without the intermediate certificate of E7",
    },
    "self-signed": { seen: shown(leaf({ selfSigned: true }, "DEPTH_ZERO_SELF_SIGNED_CERT")), on: ON, says: "nobody but itself" },
    "the intermediate has expired, the certificate hasn't": {
      seen: shown({
        kind: "served",
        chain: [certificate(), certificate({ fingerprint: "ii", subject: "R3", issuer: "Root", names: [], until: days(-3) })],
        fault: "CERT_HAS_EXPIRED",
      }),
      on: ON,
      says: "the intermediate certificate R3, which expired 3 d ago",
    },
    "of a test system": {
      seen: shown(leaf({ issuer: "(STAGING) Fake" }, "SELF_SIGNED_CERT_IN_CHAIN")),
      on: ON,
      says: "test system",
    },
  },
  unmeasurable: needsNothing,
});

cases(served, {
  yaml: withTls(),
  good: {
    "the same": GOOD,
    "an older file lies about": { ...shown(leaf()), ...onDisk({}, { path: "/old.crt", fingerprint: "cc", from: days(-90) }) },
    "two kinds of key, both configured": {
      ...shown(leaf()),
      ...onDisk({}, { path: "/rsa.crt", fingerprint: "cc", from: days(-9) }),
    },
    "another lineage that nothing names": {
      ...shown(leaf()),
      ...onDisk({}, { path: "/live/x-0001", fingerprint: "cc", from: days(-1), configured: false }),
    },
    "something in front serves its own": { ...shown(leaf()), ...onDisk({ fingerprint: "cc", from: days(-50) }) },
    "the proxy is stopped": {
      ...shown(leaf()),
      certificateFiles: { value: [{ proxy: "edge", closed: "is not running", files: [] }] },
    },
  },
  bad: {
    "at one address, while what is in front of the other serves its own": {
      seen: {
        ...shown(leaf({ fingerprint: "cc", from: days(-1) }), leaf({ from: days(-60) })),
        ...onDisk({ fingerprint: "bb", from: days(-5) }),
      },
      on: ON,
      says: "2001:db8::7",
    },
    "renewed, not reloaded": {
      seen: { ...shown(leaf()), ...onDisk({ fingerprint: "bb".repeat(32), from: days(-1) }) },
      on: ON,
      says: "bbbb",
    },
    "where the configuration isn't known": {
      seen: { ...shown(leaf()), ...onDisk({ fingerprint: "bb", from: days(-1), configured: false }) },
      on: ON,
      says: "on disk",
    },
  },
  unmeasurable: { "the engine refuses": { ...shown(leaf()), certificateFiles: DOCKER_REFUSES } },
});

cases(defaultCert, {
  yaml: withTls(),
  good: { "its own": GOOD, "self-signed for it by somebody": shown(leaf({ selfSigned: true })) },
  bad: {
    "Traefik's": {
      seen: shown(leaf({ names: ["x.traefik.default"], subject: "TRAEFIK DEFAULT CERT", selfSigned: true })),
      on: ON,
      says: "TRAEFIK",
    },
    "acme-companion's": {
      seen: shown(leaf({ names: [], subject: "acme-companion", selfSigned: true })),
      on: ON,
      says: "acme-companion",
    },
    "Caddy's authority": { seen: shown(leaf({ issuer: "Caddy Local Authority - ECC Intermediate" })), on: ON, says: "stand-in" },
    "self-signed for nobody": {
      seen: { ...shown(leaf({ names: [], selfSigned: true })), ...onDisk() },
      on: ON,
      says: "no certificate is for",
    },
  },
  unmeasurable: needsNothing,
});

cases(refused, {
  yaml: withTls(),
  good: { served: GOOD, "nothing listens is no matter of TLS": shown({ kind: "unreachable", why: "ECONNREFUSED" }) },
  bad: {
    "no certificate for the name": {
      seen: shown({ kind: "refused", why: "ERR_SSL_TLSV1_UNRECOGNIZED_NAME" }),
      on: ON,
      says: "no certificate for that name",
    },
    "plain HTTP on 443": { seen: shown({ kind: "refused", why: "ERR_SSL_WRONG_VERSION_NUMBER" }), on: ON, says: "plain HTTP" },
  },
  unmeasurable: needsNothing,
});

cases(unreachable, {
  yaml: CERTBOT,
  good: {
    "the file is found": asked(RIGHT, RIGHT, RIGHT),
    "this machine has no IPv6": asked(RIGHT, RIGHT, { kind: "silent", why: "ENETUNREACH" }),
    "the proxy has it, another machine answers: that is tls.acme.wrong-address": asked(RIGHT, status(404)),
  },
  bad: {
    "the app answers every path": { seen: asked(status(200), status(200)), on: ON, says: "every path" },
    "no entry for the domain": { seen: asked(undefined, status(503)), on: ON, says: "503" },
    "the port is closed outside": {
      seen: asked(RIGHT, { kind: "silent", why: "ETIMEDOUT" }),
      on: ON,
      says: "the way there is closed",
    },
    "a password": { seen: asked(status(401), status(401)), on: ON, says: "password" },
  },
  unmeasurable: needsNothing,
});

cases(wrongAddress, {
  yaml: CERTBOT,
  good: { "the file is found": asked(RIGHT, RIGHT, RIGHT), "the proxy itself hasn't it": asked(status(404), status(404)) },
  bad: { "a stale AAAA": { seen: asked(RIGHT, RIGHT, status(404)), on: ON, says: "2001:db8::7" } },
  unmeasurable: needsNothing,
});

describe("an address that leads elsewhere", () => {
  const scene = sceneOf(CERTBOT);
  const elsewhere = asked(RIGHT, RIGHT, status(404));
  const roots = (checks: readonly Check[], seen: Changes) => judge(checks, seenOf(factsOf(seen, scene)), scene).findings;

  test("is the record's fault, where that is known to be wrong", () => {
    const server = { server: "ns1.example", outcome: "answer", a: ["198.51.100.4"], aaaa: [] };
    const asked = [{ name: DOMAIN, aliases: [], zone: DOMAIN, servers: [server], wildcard: false }];
    const names = { value: { asked, skipped: [] } };
    const publicAddress = { value: { address: "203.0.113.7", by: "ip.example" } };
    expect(roots([mismatch, wrongAddress], { ...elsewhere, names, publicAddress })).toMatchObject([
      { id: "dns.mismatch", explains: [{ id: "tls.acme.wrong-address" }] },
    ]);
  });

  test("is why the domain doesn't answer there", () => {
    const silent = { to: "127.7.7.7:443", path: "/health", ms: 1, error: "connect ECONNREFUSED 127.7.7.7:443", kind: "refused" };
    const answer = { to: "172.18.0.4:80", path: "/health", ms: 1, status: 200 };
    const hops = { value: { "skriptoteket/web": { public: [silent], proxy: answer, app: answer, pages: [] } } };
    expect(roots([wrongAddress, routePublic], { ...elsewhere, hops })).toMatchObject([
      { id: "tls.acme.wrong-address", severity: "error", explains: [{ id: "route.public" }] },
    ]);
  });
});

const failure = (type: string, detail: string, at = days(-1)) => ({ failures: [{ domain: DOMAIN, at, type, detail }] });

cases(rateLimited, {
  yaml: CERTBOT,
  good: {
    "nothing failed": renewed({}),
    "issued since": { ...renewed(failure("rateLimited", "too many", days(-20))), ...onDisk({}) },
    "another failure": renewed(failure("unauthorized", "404")),
    "the time that it named is over": renewed(failure("rateLimited", "too many, retry after 2026-11-20 04:00:00 UTC: see")),
  },
  bad: {
    "too many": {
      seen: renewed(failure("rateLimited", "too many certificates (5) already issued, retry after 2026-11-22 04:00:00 UTC: see")),
      on: ON,
      says: "until 2026-11-22 04:00:00 UTC",
    },
  },
  unmeasurable: { "the host hangs": { renewals: { exit: 124, stdout: "" } } },
});

cases(refusal, {
  yaml: CERTBOT,
  good: {
    "nothing failed": renewed({}),
    "issued since": { ...renewed(failure("unauthorized", "404", days(-20))), ...onDisk({}) },
  },
  bad: {
    "another machine answers": {
      seen: renewed(failure("unauthorized", "203.0.113.9: Invalid response from http://skriptoteket.example/x: 404")),
      on: ON,
      says: "203.0.113.9",
    },
  },
  unmeasurable: { "the host hangs": { renewals: { exit: 124, stdout: "" } } },
});

cases(renewalOld, {
  yaml: withTls("{ by: acme-companion, container: acme }"),
  good: {
    "a new one": {
      ...renewed({ by: "acme-companion", version: "2.8.2", renewAfter: 30 }),
      ...onDisk({ from: days(-1), until: days(44) }),
    },
    "no certificate yet": renewed({ by: "acme-companion", version: "2.4" }),
    "certbot 4": { ...renewed({ version: "4.0.0" }), ...onDisk({ from: days(-1), until: days(6) }) },
    "certbot 2.1 with 45 days": { ...renewed({ version: "2.1.0" }), ...onDisk({ from: days(-1), until: days(44) }) },
  },
  bad: {
    "45-day certificates": {
      seen: { ...renewed({ by: "acme-companion", version: "2.4" }), ...onDisk({ from: days(-1), until: days(44) }) },
      on: "hemma/edge",
      says: "lets certificates of 45 days expire",
    },
    "64-day certificates": {
      seen: { ...renewed({ by: "acme-companion", version: "2.4" }), ...onDisk({ from: days(-1), until: days(63) }) },
      on: "hemma/edge",
      says: "4 days before",
    },
    "90-day certificates, for now": {
      seen: { ...renewed({ by: "acme-companion", version: "2.4" }), ...onDisk({}) },
      on: "hemma/edge",
      says: "February 2027",
    },
    "certbot 2.1 with 6 days": {
      seen: { ...renewed({ version: "2.1.0" }), ...onDisk({ from: days(-1), until: days(5.6) }) },
      on: "hemma/edge",
      says: "at every run",
    },
  },
  unmeasurable: { "the host hangs": { renewals: { exit: 124, stdout: "" } } },
});

cases(unscheduled, {
  yaml: CERTBOT,
  good: {
    "a timer and a hook": renewed({ scheduled: "yes", hooks: { before: false, after: true } }),
    "certbot in a container: not known": renewed({}),
  },
  bad: {
    "no timer": { seen: renewed({ scheduled: "no" }), on: "hemma/edge", says: "nothing calls certbot" },
    "no hook": { seen: renewed({ scheduled: "yes", hooks: { before: false, after: false } }), on: "hemma/edge", says: "reloads" },
  },
  unmeasurable: { "the host hangs": { renewals: { exit: 124, stdout: "" } } },
});

test("standalone needs a hook that frees port 80, too", () => {
  const scene = sceneOf(withTls("{ by: certbot, how: standalone }"));
  const facts = factsOf(renewed({ scheduled: "yes", hooks: { before: false, after: true } }), scene);
  expect(judge([unscheduled], seenOf(facts), scene).findings).toMatchObject([{ title: expect.stringContaining("will fail") }]);
});

describe("one cause, one finding", () => {
  const ids = (changes: Parameters<typeof factsOf>[0]) => {
    const scene = sceneOf(CERTBOT);
    const own = checks.filter(({ id }) => id.startsWith("tls."));
    return judge(own, seenOf(factsOf(changes, scene)), scene).findings.map(({ id, severity, explains }) => [
      id,
      severity,
      explains.map((one) => one.id),
    ]);
  };

  test("an expired certificate that was renewed and not loaded is a matter of a reload", () => {
    const changes = { ...shown(leaf({ until: days(-1) }, "CERT_HAS_EXPIRED")), ...onDisk({ fingerprint: "bb", from: days(-2) }) };
    expect(ids(changes)).toEqual([["tls.served", "error", ["tls.expiry"]]]);
  });

  test("a stand-in certificate is no wrong name and no broken chain besides", () => {
    const made = leaf({ names: [], subject: "acme-companion", selfSigned: true }, "DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(ids(shown(made))).toEqual([["tls.default-cert", "error", ["tls.name", "tls.chain"]]]);
  });

  test("what ends because the challenge is answered by another machine is a matter of its record", () => {
    const changes = { ...shown(leaf({ from: days(-80), until: days(10) })), ...asked(RIGHT, RIGHT, status(404)) };
    expect(ids(changes)).toEqual([["tls.acme.wrong-address", "error", ["tls.expiry"]]]);
  });
});
