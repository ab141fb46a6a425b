import { engine } from "../../doctor/facts/engine.ts";
import { machine } from "../../doctor/facts/machine.ts";
import { hostPart } from "../../doctor/facts/part.ts";
import { redact } from "../../execute/redact.ts";
import { ask, chosenHosts, known, sceneOfHost } from "../../machine/ask.ts";
import { asRoot, ROOT } from "../../machine/root.ts";
import { Failure } from "../../model/failure.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import { stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts } from "../../params.ts";
import type { Step, SummaryLine } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { sh } from "../../transport/argv.ts";

const CONFIG = "/etc/docker/daemon.json";
const ROTATION = { "max-size": "10m", "max-file": "3" } as const;

/** What set-up wants to know beyond what doctor asks. */
interface Standing {
  /** The user may be root, by sudo without a password at least. */
  readonly root: boolean;
  readonly networks: readonly string[];
  /** The engine's own settings; undefined where there is no file, or only root may read it. */
  readonly config?: string;
  readonly logDriver: string;
  readonly state: { readonly folder: string; readonly mode?: string };
}

const standing = hostPart<Standing>({
  script: ({ host }) => sh`${ROOT}
root true && echo root
docker network ls --format 'network {{.Name}}' 2>/dev/null
echo "driver $(docker info --format '{{.LoggingDriver}}' 2>/dev/null)"
folder=${stateFolder(host)}
echo "state $folder"
stat -c 'mode %a' "$folder" 2>/dev/null
echo config
cat ${CONFIG} 2>/dev/null || root cat ${CONFIG} 2>/dev/null
:`,
  read: ({ stdout }) => {
    const [head = "", config = ""] = stdout.split(/^config\n/m);
    const one = (key: string) => new RegExp(`^${key} (.+)$`, "m").exec(head)?.[1];
    return {
      root: /^root$/m.test(head),
      networks: [...head.matchAll(/^network (\S+)$/gm)].map(([, name]) => name as string),
      config: config.trim() === "" ? undefined : config,
      logDriver: one("driver") ?? "",
      state: { folder: one("state") ?? "?", mode: one("mode") },
    };
  },
});

export const hostSetup = defineOperation({
  kind: "host",
  name: "host setup",
  summary: "Make a server ready: its proxies' networks, log rotation, clock, tend's own folder",
  details: `For a server that has Docker and Compose: tend installs nothing, and says what to install. What is so already is left
as it is, and said. What needs root is done where sudo asks for no password, and told as a command elsewhere. New defaults for
logs hold for containers that are made after the engine's next start; the engine isn't restarted.`,
  effect: "changes",
  params: { hosts: someHosts() },
  examples: [
    { command: "tend host setup hemma --dry-run", explains: "what is missing on a new server" },
    { command: "tend host setup", explains: "every host; a second time does nothing" },
  ],
  targets: (input, fleet) => chosenHosts(fleet, input.hosts),
  async facts({ fleet, host, transport }) {
    const seen = await ask(transport, sceneOfHost(fleet, host), { engine, machine, standing });
    const docker = known(seen.engine);
    const there = known(seen.standing);
    const unready = docker && there ? unreadyBecause(host, docker) : notTold(host, seen.engine, seen.standing);
    if (unready || !docker || !there) throw unready;
    return { docker, there, machine: known(seen.machine) };
  },
  draft({ docker, there, machine: computer }, { fleet, host }) {
    const parts = [
      networks(fleet, host, there),
      rotation(there, docker.program ?? ""),
      clock(computer, there),
      folder(host, there),
    ];
    const steps = parts.flatMap((part) => part.steps ?? []);
    const byHand = parts.flatMap((part) => part.byHand ?? []);
    const summary: readonly SummaryLine[] = [
      { label: "so", text: `Docker ${docker.server} with Compose ${docker.compose}, which ${docker.user} may use` },
      ...parts.flatMap((part) => (part.so ?? []).map((text) => ({ label: "so", text }))),
      ...steps.map((step) => ({ label: "do", text: `${step.title}: ${step.because}` })),
      ...byHand.map((text) => ({ label: "you", text })),
    ];
    const left = byHand.length > 0 ? `; for you to do: ${byHand.join("; ")}` : "";
    return {
      title: `set up ${host.name}`,
      summary,
      steps,
      undo: parts.flatMap((part) => part.undo ?? []),
      watch: [],
      nothing: steps.length > 0 ? undefined : `${host.name} is ready${left}`,
      outcome: `${host.name} is ready${left}${steps.some((step) => step.id === "log-rotation") ? "; log rotation holds for containers made after the engine's next start: sudo systemctl restart docker, at a quiet time, since containers restart with it" : ""}`,
    };
  },
});

interface PartOfSetup {
  readonly so?: readonly string[];
  readonly steps?: readonly Step[];
  readonly undo?: readonly { readonly of: string; readonly title: string; readonly action: ReturnType<typeof exec> }[];
  readonly byHand?: readonly string[];
}

function networks(fleet: Fleet, host: Host, there: Standing): PartOfSetup {
  const all = [...fleet.proxies.values()].flatMap((proxy) => (proxy.host === host.name && proxy.network ? [proxy.network] : []));
  const wanted = [...new Set(all)];
  const missing = wanted.filter((name) => !there.networks.includes(name));
  return {
    so: wanted.filter((name) => there.networks.includes(name)).map((name) => `the network ${name} is there`),
    steps: missing.map((name, at) => ({
      id: `network-${at + 1}`,
      title: `create the network ${name}`,
      because: "a declared proxy reaches its apps by it",
      effect: "changes",
      phase: "prepare",
      action: exec([sh`docker network inspect ${name} >/dev/null 2>&1 || docker network create ${name}`]),
    })),
    undo: missing.map((name, at) => ({
      of: `network-${at + 1}`,
      title: `remove the network ${name}`,
      action: exec([["docker", "network", "rm", name]]),
    })),
  };
}

function rotation({ config, logDriver, root }: Standing, program: string): PartOfSetup {
  if (logDriver !== "json-file") return { so: [`the log driver ${logDriver} keeps its logs small, or keeps none here`] };
  if (program.startsWith("/snap/"))
    return { byHand: ["give every service logging options: the snap keeps its daemon.json elsewhere"] };
  const parsed = parseConfig(config);
  const byHand = [`give ${CONFIG} "log-opts": ${JSON.stringify(ROTATION)}, then restart the engine at a quiet time`];
  if (parsed === undefined) return { byHand };
  if (parsed["log-opts"] !== undefined) return { so: [`${CONFIG} has log-opts`] };
  const merged = `${JSON.stringify({ ...parsed, "log-driver": "json-file", "log-opts": ROTATION }, undefined, 2)}\n`;
  // What looks like a secret (a proxy's password) goes into no plan.
  if (!root || redact(merged) !== merged) return { byHand };
  return {
    steps: [
      {
        id: "log-rotation",
        title: `let ${CONFIG} rotate the logs of new containers`,
        because: "a log without max-size grows until the disk is full",
        effect: "changes",
        phase: "switch",
        action: exec([
          sh`new=$(mktemp) && printf '%s' ${merged} >"$new" && chmod 644 "$new" && trap 'rm -f "$new"' EXIT`,
          // Engines before 23 can't: Debian 12 has one.
          sh`! dockerd --help 2>/dev/null | grep -q -e --validate || dockerd --validate --config-file "$new"`,
          sh`[ ! -e ${CONFIG} ] || ${asRoot(["cp", "-p", CONFIG, `${CONFIG}.before-tend`])}`,
          sh`if [ "$(id -u)" = 0 ]; then install -D -m 644 "$new" ${CONFIG}; else sudo -n install -D -m 644 "$new" ${CONFIG}; fi`,
        ]),
      },
    ],
    undo: [
      {
        of: "log-rotation",
        title: `bring ${CONFIG} back as it was`,
        action: exec([
          config === undefined ? asRoot(["rm", "-f", CONFIG]) : asRoot(["cp", "-p", `${CONFIG}.before-tend`, CONFIG]),
        ]),
      },
    ],
  };
}

function parseConfig(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function clock(
  computer:
    | {
        readonly contained: boolean;
        readonly time?: { readonly ntp: boolean; readonly synchronized: boolean; readonly can: boolean };
      }
    | undefined,
  { root }: Standing,
): PartOfSetup {
  if (!computer) return { byHand: ["see whether its clock is kept in time: timedatectl"] };
  const { contained, time } = computer;
  if (contained) return { so: ["its clock is that of the machine around it"] };
  if (time?.synchronized) return { so: ["its clock is kept in time"] };
  if (time?.ntp) return { so: ["NTP is on"] };
  if (!time?.can) return { byHand: ["sudo apt-get install systemd-timesyncd, so that its clock is kept in time"] };
  if (!root) return { byHand: ["sudo timedatectl set-ntp true, so that its clock is kept in time"] };
  return {
    steps: [
      {
        id: "clock",
        title: "let systemd keep the clock in time",
        because: "certificates, logins and backups go by it",
        effect: "changes",
        phase: "switch",
        action: exec([asRoot(["timedatectl", "set-ntp", "true"])]),
      },
    ],
    undo: [{ of: "clock", title: "leave the clock alone", action: exec([asRoot(["timedatectl", "set-ntp", "false"])]) }],
  };
}

function folder(host: Host, { state }: Standing): PartOfSetup {
  if (state.mode === "700") return { so: [`${state.folder} is tend's alone`] };
  const path = stateFolder(host);
  return {
    steps: [
      {
        id: "state",
        title: state.mode === undefined ? `create ${state.folder}, for its owner alone` : `close ${state.folder} to others`,
        because: "tend's journal and copies of env files are there",
        effect: "changes",
        phase: "prepare",
        action: exec([sh`( umask 077 && mkdir -p ${path} ) && chmod 700 ${path}`]),
      },
    ],
  };
}

function unreadyBecause(
  host: Host,
  {
    program,
    server,
    compose,
    trouble,
    user,
    groups,
  }: { program?: string; server?: string; compose?: string; trouble?: string; user: string; groups: readonly string[] },
): Failure | undefined {
  const base = { exit: "refused" as const, where: host.name, changed: "nothing" };
  if (program === undefined) {
    return new Failure({
      ...base,
      id: "docker.unreachable",
      title: `${host.name} has no Docker, and tend installs nothing`,
      evidence: [
        "Debian:  sudo apt-get install docker.io docker-compose",
        "Docker's own packages:  https://docs.docker.com/engine/install/",
      ],
      help: "install Docker with Compose v2, then: tend host setup",
    });
  }
  if (server === undefined) {
    const denied = /permission denied/i.test(trouble ?? "");
    return new Failure({
      ...base,
      id: "docker.unreachable",
      title: denied ? `${user} may not use Docker on ${host.name}` : `the Docker engine of ${host.name} doesn't answer`,
      evidence: [trouble ?? "it said nothing", `${user} is in ${groups.join(", ")}`],
      help: denied ? `sudo usermod -aG docker ${user}, then log in anew` : "sudo systemctl enable --now docker",
    });
  }
  if (compose !== undefined && !compose.startsWith("1.")) return undefined;
  return new Failure({
    ...base,
    id: "compose.missing",
    title: `Docker on ${host.name} has no Compose v2`,
    evidence: [
      `engine ${server}`,
      "Debian:  sudo apt-get install docker-compose",
      "Docker's own packages:  sudo apt-get install docker-compose-plugin",
    ],
    help: "install it, then: tend host setup",
  });
}

function notTold(host: Host, ...answers: readonly object[]): Failure {
  return new Failure({
    id: "docker.unreachable",
    exit: "unreachable",
    title: `it can't be told how ${host.name} stands`,
    where: host.name,
    evidence: answers.flatMap((one) => ("unmeasured" in one ? [String(one.unmeasured)] : [])),
    changed: "nothing",
    help: "tend doctor --only host",
  });
}
