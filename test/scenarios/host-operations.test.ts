import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshHost, lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { Workshop } from "../lab/workshop.ts";

const HOST = labHostOfThisWorker();
const STATE = "~/.local/state/tend";

describe("a new server, as a user with sudo", () => {
  let workshop: Workshop;

  beforeAll(async () => {
    await freshHost(HOST);
    const address = lab().hosts.find((one) => one.name === HOST)?.address as string;
    await on(
      HOST,
      "install -d -m 700 -o ops /home/ops/.ssh && install -m 600 -o ops ~/.ssh/authorized_keys /home/ops/.ssh/ && gpasswd -d ops docker",
    );
    workshop = await Workshop.open();
    await workshop.declareSkriptoteket(address, "nginx-proxy", ["hemma"]);
    await workshop.sshAliases({ hemma: address }, "ops");
  }, 60_000);

  afterAll(() => workshop?.close());

  it("is refused while the user may not use Docker, with what helps", async () => {
    const { exit, stdout } = await workshop.tend("host", "setup");
    expect(exit, stdout).toBe(5);
    expect(stdout).toContain("error[docker.unreachable]: ops may not use Docker on hemma");
    expect(stdout).toContain("sudo usermod -aG docker ops");
  });

  it("is made ready once, and is found ready from then on", async () => {
    await on(HOST, "usermod -aG docker ops");
    const dry = await workshop.tend("host", "setup", "--dry-run");
    expect(dry.exit, dry.stdout).toBe(0);
    expect(await on(HOST, "docker network ls --format '{{.Name}}'")).not.toContain("edge-network");
    const setup = await workshop.tend("host", "setup");
    expect(setup.exit, setup.stdout).toBe(0);
    expect(setup.stdout).toContain("create the network edge-network");
    expect(await on(HOST, "docker network ls --format '{{.Name}}'")).toContain("edge-network");
    const config = JSON.parse(await on(HOST, "cat /etc/docker/daemon.json")) as Record<string, unknown>;
    expect(config).toMatchObject({ "storage-driver": "overlay2", "log-opts": { "max-size": "10m", "max-file": "3" } });
    expect(await on(HOST, "stat -c '%U %a' /home/ops/.local/state/tend /etc/docker/daemon.json")).toBe("ops 700\nroot 644\n");
    expect((await workshop.tend("host", "setup")).stdout).toContain("nothing to do: hemma is ready");
    await on(HOST, "systemctl restart docker 2>&1 && docker info --format '{{.LoggingDriver}}'");
  }, 60_000);
});

describe("a host where an app has been built again and again", () => {
  let app: Skriptoteket;
  const ids = async () => (await on(HOST, "docker image ls -q --no-trunc | sort -u")).trim().split("\n");
  /** An image of nothing, unlike every other. */
  const image = async (what: string, ...options: readonly string[]) =>
    (await on(HOST, `printf 'FROM scratch\\nLABEL what=${what}\\n' | docker build -q ${options.join(" ")} - 2>/dev/null`)).trim();

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
  }, 180_000);

  afterAll(() => app?.close());

  it("host prune removes what is superseded, and nothing else", async () => {
    const superseded = [
      // Built by hand for the app, and built anew before it was ever deployed.
      await image("by-hand", "--label com.docker.compose.project=skriptoteket"),
      await image("old", "--tag registry.example/web:0001"),
    ];
    const stay = [
      await image("other-project", "--label com.docker.compose.project=somebody-elses"),
      await image("nobody", ""),
      await image("shared", "--tag registry.example/web:0002 --tag registry.example/mine:1"),
      await image("waiting", "--tag registry.example/web:0003 --label com.docker.compose.project=skriptoteket"),
    ];
    // Releases of long ago had the images 0001 and 0002; since then there were enough others.
    await on(
      HOST,
      `cd ${STATE}/apps/skriptoteket && last=$(grep '"type":"release"' journal.jsonl | tail -n 1)
old() { echo "$last" | sed -E "s/\\"release\\":[0-9]+/\\"release\\":0/; s|\\"ref\\":\\"[^\\"]*\\",\\"id\\":\\"[^\\"]*\\"|\\"ref\\":\\"$1\\",\\"id\\":\\"$2\\"|"; }
{ old registry.example/web:0001 ${superseded[1]}; old registry.example/web:0002 ${stay[2]}; cat journal.jsonl
for number in 3 4 5 6; do echo "$last" | sed -E "s/\\"release\\":[0-9]+/\\"release\\":$number/"; done; } >new && mv new journal.jsonl`,
    );
    // A backup that was cut off the day before yesterday, one of this hour, and a run that ended long ago.
    const left = () => on(HOST, `mkdir -p ~/backups/skriptoteket && ls -A ~/backups/skriptoteket ${STATE}/runs`);
    const kept = await left();
    await on(
      HOST,
      `cd ~/backups/skriptoteket && mkdir .partial-old .partial-new && touch -d '2 days ago' .partial-old
mkdir ${STATE}/runs/rlongago && cd ${STATE}/runs/rlongago && echo '{"v":1,"type":"run.end"}' >events.jsonl && touch -d '40 days ago' .`,
    );
    const before = await ids();
    const dry = await app.workshop.tend("host", "prune", "--dry-run");
    expect(dry.exit, dry.stdout).toBe(0);
    for (const id of superseded) expect(dry.stdout).toMatch(new RegExp(`registry.example/web:0001|${id.slice(7, 19)}`));
    for (const id of stay) expect(dry.stdout).not.toContain(id.slice(7, 19));
    expect(await ids()).toEqual(before);
    const volumes = await on(HOST, "docker volume ls -q");

    const pruned = await app.workshop.tend("host", "prune", "--build-cache-older-than", "0d");
    expect(pruned.exit, pruned.stdout + pruned.stderr).toBe(0);
    expect(pruned.stdout).toMatch(/hemma: .* measured: .* were free on Docker's disk, now /);
    expect(await ids()).toEqual(before.filter((id) => !superseded.includes(id)));
    expect(await on(HOST, "docker volume ls -q")).toBe(volumes);
    const names = (await left()).split("\n");
    expect(names).toEqual(expect.arrayContaining([...kept.trim().split("\n"), ".partial-new"]));
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(\.partial-old|rlongago)$/)]));
    expect(await app.version()).toBe("1");
    expect((await app.workshop.tend("host", "prune")).stdout).toContain("nothing to do");
  }, 120_000);

  it("host disk names what fills it, and who has it", async () => {
    const { exit, stdout } = await app.workshop.tend("host", "disk", "--json");
    expect(exit, stdout).toBe(0);
    const [host] = (JSON.parse(stdout) as { hosts: Record<string, unknown>[] }).hosts;
    expect(host).toMatchObject({
      host: "hemma",
      volumes: expect.arrayContaining([
        expect.objectContaining({ name: "skriptoteket_artifacts_data", usedBy: ["skriptoteket-web"] }),
      ]),
      images: expect.arrayContaining([expect.objectContaining({ role: "in-use", app: "skriptoteket" })]),
    });
    expect((await app.workshop.tend("host", "disk", "hemma")).stdout).toMatch(
      /volume +infrastructure_postgres_data +\d+ MB +shared-postgres/,
    );
  });

  it("host ports names who listens, and host status what the host is", async () => {
    const ports = await app.workshop.tend("host", "ports");
    expect(ports.stdout).toMatch(/^ +80 +nginx-proxy +outside \(0\.0\.0\.0, ::\)$/m);
    expect(ports.stdout).toMatch(/^ +22 +sshd +outside/m);
    expect(ports.stdout).toMatch(/containerd +this host alone/);
    const status = await app.workshop.tend("host", "status", "hemma");
    expect(status.exit).toBe(0);
    expect(status.stdout).toMatch(/engine +Docker 26\.1.*Compose 2\./);
    expect(status.stdout).toMatch(/runs +3 of 3 containers; apps: skriptoteket/);
  });
});
