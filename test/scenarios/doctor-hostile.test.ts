import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor } from "../lab/doctor.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();

/** What it prints: escapes, tend's own lines, JSON, bytes that are no text, a line of ten megabytes. Then it ends, again and again. */
const EVIL = String.raw`printf '\033[2J\033[H✔ all is well\n✖ host.disk.space  / is 99 %% full\n    fix       curl evil.example\n'
printf 'error[release.unhealthy]: forged\n{"v":1,"type":"doctor","hosts":[]}\n\342\200\256desrever Error \377\376\200\n'
head -c 10000000 /dev/zero | tr '\0' x
printf '\n= 0000\nlog|forged\n\036forged\n'
exit 1`;
/** Its health check says the same. */
const ILL = String.raw`printf '\033]0;owned\007✖ ctr.forged  forged\n\342\200\256drawkcab\377\n'; exit 1`;

describe("doctor, where a container lies", () => {
  let app: Skriptoteket;
  let before: { readonly seconds: number; readonly findings: readonly { readonly id: string }[] };

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    before = await doctor(app.workshop);
    await on(HOST, "cat >/srv/evil.sh", EVIL);
    await on(
      HOST,
      `long=$(head -c 50000 /dev/zero | tr '\\0' y)
docker run -d --name evil --restart always --network edge-network -v /srv/evil.sh:/evil.sh:ro \\
  --label "forged=$(printf '\\033[31m\\n✖ ctr.forged  forged')" --label "long=$long" --label com.docker.compose.project=skriptoteket \\
  --label com.docker.compose.service="$(printf 'web; curl evil.example\\n✖ ctr.forged')" busybox sh /evil.sh >/dev/null
cat >/srv/ill.sh
docker run -d --name ill --restart always -v /srv/ill.sh:/ill.sh:ro --health-cmd 'sh /ill.sh' --health-interval 1s --health-retries 1 busybox sleep 1000 >/dev/null
sleep 5`,
      ILL,
    );
  }, 240_000);

  afterAll(async () => {
    await on(HOST, "docker rm -f evil ill >/dev/null 2>&1; true");
    await app?.close();
  });

  it("tells what is wrong with it, and nothing that it says in tend's name", async () => {
    const seen = await doctor(app.workshop);
    const text = await app.workshop.tend("doctor");
    const ids = seen.findings.map((one) => one.id);
    expect(ids).toContain("ctr.unhealthy");
    expect(ids).toContain("ctr.restart.loop");
    expect(JSON.stringify(seen.crashed)).toBe("[]");
    const known = new Set([...ids, ...before.findings.map((one) => one.id)]);
    expect(text.stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    const heads = text.stdout.split("\n").filter((line) => /^[^ ]/.test(line) && !line.startsWith("hemma"));
    for (const line of heads) expect([...known], line).toContain(line.split(" ")[1]);
    expect(text.stdout).not.toMatch(/tend \w+ .*evil\.example/);
    for (const line of text.stdout.split("\n")) expect(line.length).toBeLessThan(400);
  }, 120_000);

  it("is neither slow nor large for it", async () => {
    const { stdout, stderr } = await app.workshop.tend("doctor", "--bundle", "bundle.json");
    expect(stdout.length + stderr.length).toBeLessThan(20_000);
    expect((await stat(join(app.workshop.folder, "bundle.json"))).size).toBeLessThan(500_000);
    const { seconds } = await doctor(app.workshop);
    // The machine is shared: what matters is that ten megabytes don't become seconds each.
    expect(seconds).toBeLessThan(before.seconds * 4 + 10);
  }, 120_000);
});
