import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authority, type Certified, certified, DOMAIN, declare, trust } from "../lab/certified.ts";
import { doctor } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";

const HOST = labHostOfThisWorker();
const LIVE = `/etc/letsencrypt/live/${DOMAIN}`;
const STANDALONE = "{ by: certbot, how: standalone }";

/** A real certbot and a real ACME server, in the place of Let's Encrypt. */
describe("certificates of a proxy that certbot renews", () => {
  let app: Certified;

  const fingerprint = () => on(HOST, `openssl x509 -in ${LIVE}/cert.pem -noout -fingerprint -sha256`);
  const served = () =>
    on(
      HOST,
      `openssl s_client -connect 127.0.0.1:443 -servername ${DOMAIN} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
    );
  const proxyRuns = async () =>
    (await on(HOST, "docker container inspect --format '{{.State.Running}}' nginx")).trim() === "true";
  const until = async (what: () => Promise<boolean>, seconds: number) => {
    const end = Date.now() + seconds * 1000;
    while (!(await what())) {
      if (Date.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return true;
  };
  /** Where the authority finds the domain. */
  const leadTo = (address: string) =>
    on(
      HOST,
      `curl -sf -d '{"host":"${DOMAIN}"}' http://127.0.0.1:8055/clear-a; curl -sf -d '{"host":"${DOMAIN}","addresses":["${address}"]}' http://127.0.0.1:8055/add-a`,
    );

  beforeAll(async () => {
    app = await certified(HOST, STANDALONE);
    await trust(app, await authority(HOST, app.address));
    // The first one, as the runbook has it; from then on nginx serves what certbot keeps.
    await on(
      HOST,
      `set -e
certbot certonly --webroot -w /var/www/challenges -d ${DOMAIN} --non-interactive 2>&1
sed -i 's#/etc/tls/site.crt#${LIVE}/fullchain.pem#; s#/etc/tls/site.key#${LIVE}/privkey.pem#' ~/infrastructure/nginx/conf.d/tls.conf
docker exec nginx nginx -t 2>&1`,
    );
    await app.reload();
  }, 420_000);

  afterAll(() => app?.close());

  it("aren't renewed before they are due", async () => {
    const { exit, stdout } = await app.workshop.tend("tls", "renew");
    expect(stdout).toContain(`${DOMAIN}: 99 % of its lifetime left`);
    expect(exit).toBe(0);
  });

  it("are renewed with the proxy stopped for as long as it takes, and served afterwards", async () => {
    const before = await fingerprint();
    const { exit, stdout, stderr } = await app.workshop.tend("tls", "renew", "--domain", DOMAIN, "--force");
    expect(exit, stdout + stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`✔ ${DOMAIN} at ${app.address} serves it: 99 % .* by Pebble`));
    expect(await fingerprint()).not.toBe(before);
    expect(await served()).toBe(await fingerprint());
    expect(await proxyRuns()).toBe(true);
  }, 120_000);

  it("are served on when the authority refuses, by a proxy that runs again; doctor has the authority's word", async () => {
    const before = await served();
    await leadTo("10.77.0.254");
    const { exit, stdout, stderr } = await app.workshop.tend("tls", "renew", "--force");
    await leadTo(app.address);
    expect(exit, stdout + stderr).toBe(1);
    expect(stdout + stderr).toMatch(/error\[tls.renewal\].*Detail: .*10\.77\.0\.254/s);
    expect(await proxyRuns()).toBe(true);
    expect(await until(async () => (await served()) === before, 5)).toBe(true);
    const { findings } = await doctor(app.workshop, "--only", "tls.acme");
    expect(findings.find(({ id }) => id === "tls.acme.failed")?.evidence.join()).toContain("10.77.0.254");
  }, 120_000);

  it("are renewed although tend is killed while the proxy is stopped", async () => {
    const before = await fingerprint();
    const tend = app.workshop.spawnTend("tls", "renew", "--force");
    expect(await until(async () => !(await proxyRuns()), 30)).toBe(true);
    tend.kill("SIGKILL");
    await once(tend, "exit");
    expect(await until(proxyRuns, 60)).toBe(true);
    expect(await until(async () => (await fingerprint()) !== before && (await served()) === (await fingerprint()), 30)).toBe(
      true,
    );
  }, 120_000);

  it("leave the proxy running although all that renews is killed on the host", async () => {
    await app.workshop.tend("resume", "@hemma");
    const running = app.workshop.tend("tls", "renew", "--force");
    expect(await until(async () => !(await proxyRuns()), 30)).toBe(true);
    await on(HOST, "pkill -KILL -f 'trap back EXI[T]'; pkill -KILL certbot; true");
    expect(await until(proxyRuns, 15)).toBe(true);
    expect((await running).exit).not.toBe(0);
    expect(await proxyRuns()).toBe(true);
  }, 120_000);

  it("are renewed through the proxy, which never stops, where certbot has a folder for its answers", async () => {
    await declare(app, "{ by: certbot, how: webroot, webroot: /var/www/challenges }");
    const started = () => on(HOST, "docker container inspect --format '{{.State.StartedAt}}' nginx");
    const [before, since] = [await fingerprint(), await started()];
    const { exit, stdout, stderr } = await app.workshop.tend("tls", "renew", "--force");
    expect(exit, stdout + stderr).toBe(0);
    expect(await fingerprint()).not.toBe(before);
    expect(await served()).toBe(await fingerprint());
    expect(await started()).toBe(since);
  }, 120_000);

  it("aren't renewed where nobody has declared by what", async () => {
    await declare(app);
    const { exit, stdout, stderr } = await app.workshop.tend("tls", "renew", "--force");
    expect(stdout + stderr).toContain("error[tls.undeclared]");
    expect(exit).toBe(5);
  });
});
