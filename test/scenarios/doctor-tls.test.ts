import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certified, certified, DOMAIN, declare } from "../lab/certified.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";

const HOST = labHostOfThisWorker();
const ON = `hemma/skriptoteket/${DOMAIN}`;
const CERTBOT = "{ by: certbot, how: webroot, webroot: /var/www/challenges }";
const ROUTER = "127.7.7.7";
const CONF = "~/infrastructure/nginx/conf.d";

describe("doctor, of a proxy with TLS", () => {
  let app: Certified;
  const router = createServer((_, response) => response.end("<title>Your router</title>"));

  beforeAll(async () => {
    app = await certified(HOST, CERTBOT);
    // As certbot's package leaves it: something calls it twice a day.
    await on(HOST, "echo '0 */12 * * * root certbot -q renew' >/etc/cron.d/certbot");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 420_000);

  afterAll(() => app?.close());

  it("finds nothing above information where the certificate is a good one", async () => {
    const { findings, crashed } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
  });

  it("shows every certificate, at every address, and whether it is the one on disk", async () => {
    const { exit, stdout } = await app.workshop.tend("tls", "status");
    expect(stdout).toMatch(new RegExp(`${DOMAIN} +${app.address} +8[89] %, (79|80) d .* the same +The lab's intermediate`));
    expect(exit).toBe(0);
  });

  /** Other files for the domain, and back to good ones. */
  const other = (make: string) => ({
    inject: () => app.files(make).then(() => app.reload()),
    undo: () => app.files(`issue ${DOMAIN} site '-10 days' '+80 days'`).then(() => app.reload()),
    on: ON,
  });
  /** A change of the proxy's configuration, and back. */
  const configured = (file: string, edit: string) => ({
    inject: () => on(HOST, `cd ${CONF} && cp ${file} /tmp/kept.conf && sed -i ${edit} ${file}`).then(() => app.reload()),
    undo: () => on(HOST, `cat /tmp/kept.conf >${CONF}/${file}`).then(() => app.reload()),
    on: ON,
  });
  const log = (lines: string) => ({
    inject: () => on(HOST, "mkdir -p /var/log/letsencrypt && cat >/var/log/letsencrypt/letsencrypt.log", lines),
    undo: () => on(HOST, "rm /var/log/letsencrypt/letsencrypt.log"),
    on: ON,
  });

  const faults: readonly Fault[] = [
    { name: "the certificate has expired", finds: "tls.expiry", ...other(`issue ${DOMAIN} site '-91 days' '-1 day'`) },
    { name: "a fifth of its lifetime is left", finds: "tls.expiry", ...other(`issue ${DOMAIN} site '-72 days' '+18 days'`) },
    { name: "the certificate is another app's", finds: "tls.name", ...other("cp other.crt site.crt; cp other.key site.key") },
    { name: "the intermediate is missing", finds: "tls.chain", ...other("cp site.leaf site.crt") },
    {
      name: "the proxy serves a stand-in that it signed itself",
      finds: "tls.default-cert",
      ...other(
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=acme-companion -keyout site.key -out site.crt -days 365 2>/dev/null",
      ),
    },
    {
      name: "the certificate was renewed, and the proxy not reloaded",
      finds: "tls.served",
      on: ON,
      inject: () => app.files(`issue ${DOMAIN} site '-1 hour' '+90 days'`),
      undo: () => app.reload(),
    },
    {
      name: "the proxy refuses the handshake",
      finds: "tls.handshake",
      ...configured("tls.conf", `'/server_name ${DOMAIN}/a ssl_reject_handshake on;'`),
    },
    {
      name: "the app answers the challenge in the proxy's place",
      finds: "tls.acme.unreachable",
      ...configured("skriptoteket.conf", "'/acme-challenge/d'"),
    },
    {
      name: "the authority's limit is reached",
      finds: "tls.acme.rate-limited",
      standIn: "certbot's log alone",
      ...log(
        `2026-11-20 10:00:00,000:ERROR:certbot._internal.renewal:Failed to renew certificate ${DOMAIN} with error: urn:ietf:params:acme:error:rateLimited :: There were too many requests of a given type :: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-25 04:00:00 UTC\n`,
      ),
    },
    {
      name: "the authority got another page than the answer",
      finds: "tls.acme.failed",
      standIn: "certbot's log alone; test/scenarios/tls.test.ts has a real certbot refused by a real authority",
      ...log(
        `2026-11-20 10:00:00,000:DEBUG:certbot._internal.display.obj:Notifying user:
Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: ${DOMAIN}
  Type:   unauthorized
  Detail: 203.0.113.77: Invalid response from http://${DOMAIN}/.well-known/acme-challenge/6Vx: 404
`,
      ),
    },
    {
      name: "one of the domain's addresses leads to the router",
      finds: "tls.acme.wrong-address",
      on: ON,
      inject: async () => {
        await new Promise<void>((resolve) => router.listen(80, ROUTER, resolve));
        await app.workshop.names([`${app.address} ${DOMAIN}`, `${ROUTER} ${DOMAIN}`]);
        await declare(app, CERTBOT);
        await app.workshop.edit("tend.yaml", (yaml) => yaml.replace(/, url: "[^"]+"/, ""));
      },
      undo: async () => {
        router.close();
        await app.workshop.names([]);
        await declare(app, CERTBOT);
      },
    },
    {
      name: "certbot is too old for certificates of six days",
      finds: "tls.acme.renewal-old",
      on: "hemma/edge",
      standIn: "a program that calls itself certbot 2.1, which is Debian 12's",
      inject: async () => {
        await on(HOST, "printf '#!/bin/sh\\necho certbot 2.1.0\\n' >/usr/local/bin/certbot && chmod 755 /usr/local/bin/certbot");
        await app.files(`issue ${DOMAIN} site '-1 day' '+5 days'`).then(() => app.reload());
      },
      undo: async () => {
        await on(HOST, "rm /usr/local/bin/certbot");
        await app.files(`issue ${DOMAIN} site '-10 days' '+80 days'`).then(() => app.reload());
      },
    },
    {
      name: "nothing calls certbot",
      finds: "tls.acme.unscheduled",
      on: "hemma/edge",
      inject: () => on(HOST, "mv /etc/cron.d/certbot /root/certbot.cron"),
      undo: () => on(HOST, "mv /root/certbot.cron /etc/cron.d/certbot"),
    },
  ];

  it.each(faults.map((fault) => [fault.name, fault] as const))("%s", (_, fault) => walksInto(app.workshop, fault), 120_000);

  it("loads what was renewed, as a fix that is safe, and shows that it is served", async () => {
    await app.files(`issue ${DOMAIN} site '-1 second' '+90 days'`);
    const { exit, stdout } = await app.workshop.tend("doctor", "--fix", "--only", "tls.served");
    expect(stdout).toContain("tls.served is gone");
    expect(exit).toBe(0);
  }, 60_000);

  it("loads what was renewed by tls renew, too, and renews nothing that isn't due", async () => {
    await app.files(`issue ${DOMAIN} site '-1 second' '+90 days'`);
    const first = await app.workshop.tend("tls", "renew");
    expect(first.stdout).toContain(`✔ ${DOMAIN} at ${app.address} serves it: 99 % of its lifetime left`);
    expect(first.exit).toBe(0);
    const again = await app.workshop.tend("tls", "renew");
    expect(again).toMatchObject({ exit: 0, stdout: expect.stringContaining("not due; --force renews it") });
  }, 60_000);

  // acme-companion's image can't be had here: this is a container that keeps to what it documents, its folders and its commands.
  it("asks acme-companion to renew, and looks for what comes of it; its challenges' folder is looked into", async () => {
    await declare(app, "{ by: acme-companion, container: acme }", "nginx-proxy");
    await app.files(`issue ${DOMAIN} next '-1 second' '+90 days'`);
    await on(
      HOST,
      `docker run -d --name acme -e COMPANION_VERSION=v2.8.2 -e ACME_RENEW_AFTER=30 -v ~/tls:/etc/nginx/certs -v /var/www/challenges:/usr/share/nginx/html debian:trixie-slim sleep infinity
docker exec -i acme sh -c 'mkdir -p /app && cat >/app/force_renew && chmod 755 /app/force_renew'`,
      "#!/bin/sh\ncd /etc/nginx/certs && mv next.key site.key && mv next.crt site.crt\n",
    );
    const { exit, stdout, stderr } = await app.workshop.tend("tls", "renew", "--force");
    expect(stdout + stderr).toContain(`✔ ${DOMAIN} at ${app.address} serves it: 99 % of its lifetime left`);
    expect(exit).toBe(0);
    const { findings } = await doctor(app.workshop, "--only", "tls");
    expect(findings).toEqual([]);
    await on(HOST, "docker rm -f acme");
  }, 90_000);
});
