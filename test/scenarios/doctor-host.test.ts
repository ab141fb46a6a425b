import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { inside, labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const host = (script: string) => () => on(HOST, script);
const STATE = "~/.local/state/tend";

/** apt's lists with one package of the security archive, which the host has in an older version, or in a newer. */
const securityList = (version: string) => `mkdir -p /srv/security && cd /srv/security
printf 'Package: tar\\nVersion: %s\\nArchitecture: amd64\\nMaintainer: x <x@lists.example>\\nFilename: ./tar.deb\\nSize: 1\\nSHA256: %064d\\nDescription: tar\\n\\n' ${version} 0 >Packages
printf 'Origin: Debian\\nLabel: Debian-Security\\nSuite: stable-security\\nCodename: trixie-security\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' "$(date -u -R)" "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
echo 'deb [trusted=yes] file:/srv/security ./' >/etc/apt/sources.list.d/security.list
rm -f /var/lib/apt/lists/*Packages*
apt-get update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/security.list -o Dir::Etc::sourceparts=- 2>&1`;

/** Writes journals out of what others have sent: a kernel's, too. */
const INSTALL_JOURNAL_REMOTE =
  "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends systemd-journal-remote 2>&1";
const OOM_JOURNAL = '/var/log/journal/"$(cat /etc/machine-id)"/system@oom.journal';
const OOM =
  "Out of memory: Killed process 812 (postgres) total-vm:9216000kB, anon-rss:8192000kB, file-rss:0kB, shmem-rss:0kB, UID:999 pgtables:16384kB oom_score_adj:0";

const unit = (name: string, command: string, timer = "") => `cat >/etc/systemd/system/${name}.service <<X
[Unit]
Description=Clean up
[Service]
Type=oneshot
ExecStart=${command}
X
${timer}
systemctl daemon-reload`;
const TIMER = `printf '[Timer]\\nOnCalendar=hourly\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/skriptoteket-cleanup.timer`;
const CLEANUP = unit("skriptoteket-cleanup", "/usr/bin/docker exec skriptoteket-wbe true", TIMER);
const NO_CLEANUP = `systemctl disable --now skriptoteket-cleanup.timer 2>&1; rm -f /etc/systemd/system/skriptoteket-cleanup.*; systemctl daemon-reload; systemctl reset-failed 2>&1 || true`;

describe("doctor, on the host itself", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    const installed = on(HOST, INSTALL_JOURNAL_REMOTE);
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
    expect((await app.workshop.tend("backup", "skriptoteket")).exit).toBe(0);
    await installed;
    await on(HOST, securityList("0.1"));
  }, 180_000);

  afterAll(() => app?.close());

  it("finds nothing above information on a host where all is well", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop, "--only", "host,secret,tend");
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect({ crashed, unknown }).toEqual({ crashed: [], unknown: [] });
  });

  it.each<Fault>([
    {
      name: "the Docker engine is stopped",
      finds: "host.engine.down",
      inject: host("systemctl stop docker.socket docker.service 2>&1"),
      undo: host(
        "systemctl start docker.service 2>&1; until docker ps >/dev/null 2>&1; do sleep 0.3; done; docker start shared-postgres skriptoteket-web nginx-proxy >/dev/null",
      ),
      within: 60,
    },
    {
      name: "a container's log was never rotated and takes gigabytes",
      finds: "host.disk.logs",
      on: "hemma/skriptoteket/web",
      inject: host(`log=$(docker container inspect --format '{{.LogPath}}' skriptoteket-web); fallocate -l 1200M "$log.1"`),
      undo: host(`rm "$(docker container inspect --format '{{.LogPath}}' skriptoteket-web).1"`),
    },
    {
      name: "the disk that the app's folder is on is nearly full",
      finds: "host.disk.space",
      on: /disk:.*skriptoteket$/,
      inject: host(
        "cd ~/apps && cp -a skriptoteket /tmp/kept && mount -t tmpfs -o size=10m tmpfs skriptoteket && cp -a /tmp/kept/. skriptoteket/ && free=$(df -Pk skriptoteket | tail -n 1 | awk '{ print $4 }') && head -c $(( free * 1000 )) /dev/zero >skriptoteket/filler",
      ),
      undo: host("umount ~/apps/skriptoteket && rm -rf /tmp/kept"),
    },
    {
      name: "almost no memory is left",
      finds: "host.memory.low",
      standIn: "another /proc/meminfo lies over the host's, as lxcfs does it: the memory is that of the machine under the lab",
      on: "hemma",
      inject: host(
        "sed 's/^MemAvailable:.*/MemAvailable: 500000 kB/' /proc/meminfo >/srv/meminfo && mount --bind /srv/meminfo /proc/meminfo",
      ),
      undo: host("umount /proc/meminfo"),
    },
    {
      name: "the kernel had to kill the database yesterday",
      finds: "host.memory.oom",
      standIn:
        "the kernel's line was written into a journal of this host's alone, by systemd-journal-remote: all hosts read one kernel's log",
      on: "hemma/memory",
      inject: host(
        `yesterday=$(date -d yesterday +%s)000000
journalctl -q -o export -n 1 _TRANSPORT=kernel SYSLOG_IDENTIFIER=kernel | sed "s/^MESSAGE=.*/MESSAGE=${OOM}/; s/^__REALTIME_TIMESTAMP=.*/__REALTIME_TIMESTAMP=$yesterday/" | /lib/systemd/systemd-journal-remote -o ${OOM_JOURNAL} - 2>&1`,
      ),
      undo: host(`rm ${OOM_JOURNAL}`),
    },
    {
      name: "the clock is ten minutes late",
      finds: "host.time.sync",
      standIn: "the host's `date` is late: no clock may be set here. That nobody keeps it in time isn't asked of a container",
      on: "hemma",
      inject: host(
        `printf '#!/bin/sh\nexec /usr/bin/date -d "10 minutes ago" "$@"\n' >/usr/local/bin/date && chmod 755 /usr/local/bin/date`,
      ),
      undo: host("rm /usr/local/bin/date"),
    },
    {
      name: "sshd doesn't run",
      finds: "host.reachable",
      on: "hemma",
      inject: () => inside(HOST, "systemctl", "stop", "ssh.service"),
      undo: () => inside(HOST, "systemctl", "start", "ssh.service"),
    },
    {
      name: "a restart has been due for three weeks",
      finds: "host.reboot.pending",
      inject: host("echo libc6 >/run/reboot-required.pkgs; touch -d '21 days ago' /run/reboot-required"),
      undo: host("rm /run/reboot-required*"),
    },
    {
      name: "a security update waits",
      finds: "host.updates.security",
      inject: host(securityList("99.0")),
      undo: host(securityList("0.1")),
    },
    {
      name: "a unit of the app's failed",
      finds: "host.unit.failed",
      on: /skriptoteket-mail\.service$/,
      inject: host(
        `${unit("skriptoteket-mail", "/usr/bin/docker exec skriptoteket-wbe true")}; systemctl start skriptoteket-mail 2>&1 || true`,
      ),
      undo: host(
        "rm /etc/systemd/system/skriptoteket-mail.service; systemctl daemon-reload; systemctl reset-failed 2>&1 || true",
      ),
    },
    {
      name: "the hourly clean-up fails: its container has another name",
      finds: "host.timer.stale",
      on: "hemma/skriptoteket/skriptoteket-cleanup.timer",
      inject: host(
        `${CLEANUP}; systemctl enable --now skriptoteket-cleanup.timer 2>&1; systemctl start skriptoteket-cleanup.service 2>&1 || true`,
      ),
      undo: host(NO_CLEANUP),
    },
    {
      name: "a timer is enabled and was never started",
      finds: "host.timer.stale",
      on: "hemma/skriptoteket/skriptoteket-cleanup.timer",
      inject: host(`${CLEANUP}; systemctl enable skriptoteket-cleanup.timer 2>&1`),
      undo: host(NO_CLEANUP),
    },
    {
      name: "an account has a password, and sshd takes it",
      finds: "host.ssh.exposure",
      inject: host("echo ops:guess-me | chpasswd"),
      undo: host("usermod -p '!' ops"),
    },
    {
      name: "a web server of the host's has the proxy's port",
      finds: "host.port.busy",
      on: "hemma/port:80",
      inject: host(
        `docker stop nginx-proxy >/dev/null; systemd-run --quiet --unit web-by-hand systemd-socket-activate --listen 80 --accept --inetd /bin/cat && sleep 0.5 && docker start nginx-proxy 2>&1 || true`,
      ),
      undo: host("systemctl stop web-by-hand; docker start nginx-proxy >/dev/null; sleep 0.5"),
      within: 60,
    },
    {
      name: "the way out takes smaller packets than Docker's networks send",
      finds: "host.mtu",
      on: "hemma/network:edge-network",
      inject: host("ip link set eth0 mtu 1400"),
      undo: host("ip link set eth0 mtu 1500"),
    },
    {
      name: "every user can read the app's passwords",
      finds: "secret.mode",
      on: "hemma/skriptoteket/.env",
      inject: host("chmod 755 ~ && chmod 644 ~/apps/skriptoteket/.env"),
      undo: host("chmod 700 ~"),
    },
    {
      name: "a password is in the repository",
      finds: "secret.tracked",
      on: "hemma/skriptoteket/deploy.env",
      inject: host(
        "cd ~/apps/skriptoteket && printf 'PORT=1\\nDB_PASSWORD=tracked-canary\\n' >deploy.env && git add -f deploy.env",
      ),
      undo: host("cd ~/apps/skriptoteket && git rm -qf deploy.env"),
    },
    {
      name: "a run was cut off, and nobody is at it",
      finds: "tend.run.incomplete",
      on: "hemma/skriptoteket",
      inject: host(
        `cd ${STATE}/apps/skriptoteket && cp journal.jsonl /tmp/journal && mkdir lock && printf '%s\\n' '{"run":"rcut00","title":"deploy skriptoteket","by":"anna@laptop","since":"2026-11-20T01:00:00.000Z"}' >lock/owner && touch -d '1 hour ago' lock/lease && printf '%s\\n' '{"v":1,"at":"2026-11-20T01:00:00.000Z","type":"run.start","run":"rcut00","operation":"deploy","app":"skriptoteket","title":"deploy skriptoteket on hemma","by":"anna@laptop"}' >>journal.jsonl`,
      ),
      undo: host(`cd ${STATE}/apps/skriptoteket && rm -rf lock && cat /tmp/journal >journal.jsonl`),
    },
    {
      name: "a lock of the dead",
      finds: "tend.lock.dead",
      inject: host(`mkdir ${STATE}/apps/skriptoteket/lock && touch -d '1 hour ago' ${STATE}/apps/skriptoteket/lock`),
      undo: () => app.workshop.tend("unlock", "skriptoteket"),
    },
    {
      name: "somebody made tend's folder open to all",
      finds: "tend.state.broken",
      inject: host(`chmod 755 ${STATE}`),
      undo: host(`chmod 700 ${STATE}`),
    },
    {
      name: "somebody brought other code up by hand",
      finds: "tend.drift",
      on: "hemma/skriptoteket/web",
      inject: host(
        "cd ~/apps/skriptoteket && printf 2 >VERSION && docker compose -f compose.prod.yaml up -d --build --wait 2>&1",
      ),
      undo: async () => {
        await on(HOST, "cd ~/apps/skriptoteket && git checkout -q VERSION");
        expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
      },
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 120_000);

  it("mends what is safe to mend, and sees that it is gone", async () => {
    await on(HOST, `chmod 755 ~ ${STATE} && chmod 644 ~/apps/skriptoteket/.env`);
    const fixed = await app.workshop.tend("doctor", "--only", "secret,tend", "--fix");
    await on(HOST, "chmod 700 ~");
    expect(fixed.stdout).toContain("✔ secret.mode is gone: hemma/skriptoteket/.env");
    expect(fixed.stdout).toContain("✔ tend.state.broken is gone: hemma");
    expect(fixed.exit, fixed.stdout).toBe(0);
    expect(await on(HOST, `stat -c %a ~/apps/skriptoteket/.env ${STATE}`)).toBe("600\n700\n");
  });

  it("prints no secret that it looked at", async () => {
    await on(HOST, "cd ~/apps/skriptoteket && printf 'DB_PASSWORD=tracked-canary\\n' >deploy.env && git add -f deploy.env");
    const { stdout } = await app.workshop.tend("doctor", "--only", "secret", "--json", "--bundle", "bundle.json");
    await on(HOST, "cd ~/apps/skriptoteket && git rm -qf deploy.env");
    const bundle = await readFile(join(app.workshop.folder, "bundle.json"), "utf8");
    expect(stdout).toContain("secret.tracked");
    expect(`${stdout}${bundle}`).not.toMatch(/tracked-canary|s3cret-canary-pw|admin-pw/);
  });

  describe("for a user who isn't root", () => {
    beforeAll(async () => {
      await on(
        HOST,
        "install -d -m 700 -o ops /home/ops/.ssh && install -m 600 -o ops ~/.ssh/authorized_keys /home/ops/.ssh/ && gpasswd -d ops docker && gpasswd -d ops sudo && cp -a ~/apps /home/ops/ && chown -R ops: /home/ops/apps",
      );
    });

    it("finds that user without access to Docker", async () => {
      await walksInto(app.workshop, {
        name: "the ssh user isn't in the group docker",
        finds: "host.docker.access",
        on: "hemma",
        inject: () => app.workshop.sshAliases({ hemma: app.address }, "ops"),
        undo: () => app.workshop.sshAliases({ hemma: app.address }),
      });
    }, 120_000);

    it("tells of the rest as not known", async () => {
      await app.workshop.sshAliases({ hemma: app.address }, "ops");
      const { unknown } = await doctor(app.workshop, "--only", "host");
      expect(unknown.map(({ id }) => id)).toEqual(expect.arrayContaining(["host.ssh.exposure", "host.disk.logs"]));
    });
  });
});
