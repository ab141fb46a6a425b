import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { apps } from "../../owner.ts";
import { isProxy, type Watched, watched } from "../../watched.ts";

const SOCKETS = ["/var/run/docker.sock", "/run/docker.sock"];

export const restartPolicy = defineCheck({
  id: "ctr.restart.policy",
  severity: "warning",
  finds: "a service that stays down after a crash or a reboot",
  about:
    "Without a restart policy the engine starts a container once. Services, their proxies and their databases are looked at; one-offs aren't.",
  remedy: "`restart: unless-stopped` in the compose file, then recreate.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const one of declared(watched(scene, containers))) {
      const { restartPolicy: policy } = one.container;
      if (policy !== "no" && policy !== "") yield pass(one.subject);
      else {
        yield fail(one.subject, {
          title: `${one.called} would stay down after a reboot: it has no restart policy`,
          evidence: ["restart policy: none"],
          fix: {
            class: "person",
            text: "add restart: unless-stopped to its service in the compose file, then recreate it",
            operation: recreate(one),
          },
        });
      }
    }
  },
});

export const logRotation = defineCheck({
  id: "ctr.log.rotation",
  severity: "warning",
  finds: "a container whose log grows without limit",
  about:
    "The json-file driver keeps everything unless `max-size` is set, and `docker system df` doesn't count it. A default in daemon.json holds only for containers made after it.",
  remedy: 'In the compose file: `logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }`, then recreate.',
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const one of declared(watched(scene, containers))) {
      const { logDriver, logOptions } = one.container;
      if (logDriver !== "json-file" || logOptions["max-size"] !== undefined) yield pass(one.subject);
      else {
        yield fail(one.subject, {
          title: `the log of ${one.called} grows until the disk is full`,
          evidence: [`driver json-file, no max-size`],
          fix: {
            class: "person",
            text: 'add logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } } to its service, then recreate it',
            operation: recreate(one),
          },
        });
      }
    }
  },
});

export const limits = defineCheck({
  id: "ctr.limits",
  severity: "info",
  finds: "a service without a memory limit",
  about: "A service that leaks takes the whole host down with it; with a limit only itself.",
  remedy: "`mem_limit: 512m` in the compose file, above what it needs.",
  fixClass: "person",
  hardening: true,
  *judge({ containers }, scene) {
    for (const one of declared(watched(scene, containers))) {
      if (one.container.memoryLimit > 0) yield pass(one.subject);
      else {
        yield fail(one.subject, {
          title: `${one.called} may take all of the host's memory`,
          evidence: ["no memory limit"],
          fix: {
            class: "person",
            text: "add mem_limit to its service in the compose file, above what it needs",
            operation: recreate(one),
          },
        });
      }
    }
  },
});

export const runsAsRoot = defineCheck({
  id: "ctr.root",
  severity: "info",
  finds: "an app's service that runs as root",
  about: "What breaks out of it, or is mounted into it, is root's. The declared apps' own services are looked at.",
  remedy: "`USER 1000:1000` in the Dockerfile, or `user:` in the compose file; give the data that owner first.",
  fixClass: "person",
  hardening: true,
  *judge({ containers }, scene) {
    for (const { app, service, container, subject } of apps(scene, containers)) {
      if (!/^(0|root)?(:|$)/.test(container.user)) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} runs as root`,
          evidence: [`user: ${container.user || "none declared, so root"}`],
          fix: {
            class: "person",
            text: "set USER in its Dockerfile, or user: in the compose file; what it writes has to be that user's",
          },
        });
      }
    }
  },
});

export const socket = defineCheck({
  id: "ctr.sock",
  severity: "warning",
  finds: "a container that commands the engine",
  about:
    "Who may write to Docker's socket is root on the host. Mounting it read-only doesn't limit what can be asked through it; a proxy that finds its services by it is let pass with that.",
  remedy: "Leave the mount out, or put a socket proxy between that answers only what is needed.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const one of watched(scene, containers)) {
      const mount = one.container.mounts.find(({ source }) => SOCKETS.includes(source));
      if (!mount || (!mount.writable && isProxy(scene, one.container))) yield pass(one.subject);
      else {
        yield fail(one.subject, {
          severity: mount.writable && one.declared ? "warning" : "info",
          title: `${one.called} has Docker's socket${mount.writable ? "" : ", read-only"}: whoever gets into it is root on the host`,
          evidence: [
            `${mount.source} at ${mount.target}, ${mount.writable ? "writable" : "read-only, which doesn't limit what can be asked"}`,
          ],
          fix: { class: "person", text: "leave the mount out; or put a socket proxy between that answers only what it needs" },
        });
      }
    }
  },
});

export const privileged = defineCheck({
  id: "ctr.privileged",
  severity: "warning",
  finds: "a container that isn't shut off from the host",
  about:
    "`privileged`, the capabilities SYS_ADMIN or ALL, and the host's own processes or network make a container part of the host.",
  remedy: "Leave it out, and add the one capability or device that is needed.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const one of watched(scene, containers)) {
      const { privileged: all, capAdd, pidMode, networkMode } = one.container;
      const powers = [
        ...(all ? ["privileged: true"] : []),
        ...capAdd.filter((name) => /^(CAP_)?(ALL|SYS_ADMIN)$/.test(name)).map((name) => `cap_add: ${name}`),
        ...(pidMode === "host" ? ["pid: host"] : []),
      ];
      const open = [...powers, ...(networkMode === "host" ? ["network_mode: host"] : [])];
      if (open.length === 0) yield pass(one.subject);
      else {
        yield fail(one.subject, {
          severity: one.declared && powers.length > 0 ? "warning" : "info",
          title: `${one.called} isn't shut off from the host: ${open.join(", ")}`,
          evidence: open,
          fix: { class: "person", text: "leave it out of the compose file, and add the one capability or device that it needs" },
        });
      }
    }
  },
});

function* declared(all: Iterable<Watched>): Iterable<Watched> {
  for (const one of all) if (one.declared) yield one;
}

function recreate({ owned }: Watched): string | undefined {
  return owned && `tend deploy ${owned.app.name}`;
}
