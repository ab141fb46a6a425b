import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sceneOf } from "../testing.ts";
import { certificateFiles } from "./certificate-files.ts";
import { renewals } from "./renewals.ts";

const DOMAIN = "skriptoteket.example";

describe("what hosts say", () => {
  const read = (part: typeof certificateFiles | typeof renewals, stdout: string) =>
    part.read({ exit: 0, stdout, stderr: "" }, sceneOf());
  const pem = readFileSync(join(import.meta.dirname, "recorded/leaf.pem"), "utf8").trim();

  test("certificates are read from files, and from Traefik's store without its keys", () => {
    const base64 = Buffer.from(`${pem}\n${pem}`).toString("base64");
    const said = `proxy edge\nconfigured 1795168800 /a.crt\n${pem}\nfound 1795168800 /a.crt\n${pem}\nfound  /empty.crt\nstore 1795168800 /acme.json\n"certificate": "${base64}"\nclosed front Error response from daemon: No such container: x\n`;
    const leafOf = { names: [DOMAIN], selfSigned: false };
    expect(read(certificateFiles, said)).toMatchObject([
      {
        proxy: "edge",
        files: [
          { path: "/a.crt", configured: true, certificate: leafOf, written: "2026-11-20T10:00:00.000Z" },
          { path: "/acme.json#1", configured: false, certificate: leafOf },
        ],
      },
      { proxy: "front", closed: "Error response from daemon: No such container: x", files: [] },
    ]);
  });

  test("acme-companion's log: the last word on each domain counts, and only that", () => {
    const said = `renewal edge acme-companion
image=nginxproxy/acme-companion:2.4
COMPANION_VERSION=v2.4.1-3-gabc
probe tend-1-2
log 2026-11-20T10:00:00.5Z Creating/renewal ${DOMAIN} certificates... (${DOMAIN})
log 2026-11-20T10:00:09.5Z [Fri Nov 20 10:00:09 UTC 2026] ${DOMAIN}:Verify error:203.0.113.9: Invalid response from http://${DOMAIN}/.well-known/acme-challenge/x: 404
log 2026-11-20T11:00:00.5Z Creating/renewal other.example certificates... (other.example)
log 2026-11-20T11:00:09.5Z {"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates","status":429}
log 2026-11-20T12:00:00.5Z Creating/renewal ${DOMAIN} certificates... (${DOMAIN})
`;
    expect(read(renewals, said)).toMatchObject([
      {
        by: "acme-companion",
        version: "2.4.1",
        probe: "tend-1-2",
        failures: [
          { domain: "other.example", type: "rateLimited", detail: "too many certificates", at: "2026-11-20T11:00:09.500Z" },
        ],
      },
    ]);
  });

  test("certbot's logs: three lines a domain, the newest run first", () => {
    const said = `renewal edge certbot
version 4.0.0
scheduled yes
hooks 1 2
ran 1795168800
log   Domain: ${DOMAIN}
log   Type:   unauthorized
log   Detail: 203.0.113.9: Invalid response from http://x: 404
ran 1795160000
log 2026-11-20 07:33:20,1:ERROR:certbot._internal.renewal:Failed to renew certificate ${DOMAIN} with error: urn:ietf:params:acme:error:rateLimited :: There were too many requests of a given type :: too many certificates (5)
`;
    expect(read(renewals, said)).toMatchObject([
      {
        version: "4.0.0",
        scheduled: "yes",
        hooks: { before: true, after: true },
        failures: [
          { domain: DOMAIN, type: "unauthorized", at: "2026-11-20T10:00:00.000Z" },
          { domain: DOMAIN, type: "rateLimited", detail: "too many certificates (5)" },
        ],
      },
    ]);
  });
});
