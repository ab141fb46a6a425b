import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { apps } from "../../owner.ts";
import { type Watched, watched } from "../../watched.ts";
import { troubleOf } from "./ended.ts";

const NO_TOOL =
  /executable file not found|no such file or directory|(?:^|\s)(?:\/\S+\/)?(?:sh|ash|bash|dash)(?:: line)?(?:: \d+)?: (\S+): (?:command )?not found|(\S+): not found/i;

export const healthTool = defineCheck({
  id: "ctr.health.tool",
  severity: "error",
  finds: "a health check whose own tool isn't in the image",
  about:
    "A check with `curl` in an image without it fails for ever, however well the service is. Proxies and dependants then leave the container out.",
  remedy: "Use a tool that the image has: those of the usual ones that are in there are named.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const one of watched(scene, seen.containers)) {
      const tool = missingTool(one);
      if (one.container.health === undefined || one.container.healthcheck === undefined) continue;
      if (tool === undefined) {
        yield pass(one.subject);
        continue;
      }
      const { healthcheck, health } = one.container;
      const has = troubleOf(seen, one)?.tools ?? [];
      yield fail(one.subject, {
        severity: one.severity,
        title: `${one.called} can't be checked: its health check wants ${tool}, which isn't in its image`,
        evidence: [
          `check: ${healthcheck.test.slice(1).join(" ")}`,
          `exit ${health.last?.exit}: ${health.last?.output.trim() ?? ""}`,
          ...(has.length > 0 ? [`the image has ${has.join(", ")}`] : []),
        ],
        cause: "the service itself may be well",
        fix: {
          class: "person",
          text: `let its healthcheck use ${alternative(has)} in place of ${tool}, then release`,
          operation: one.owned && `tend deploy ${one.owned.app.name}`,
        },
      });
    }
  },
});

/** The first that can ask for a web page. */
function alternative(has: readonly string[]): string {
  return ["wget", "curl", "node", "python3", "php", "ruby"].find((tool) => has.includes(tool)) ?? "a tool that the image has";
}

function missingTool({ container: { health, healthcheck, state } }: Watched): string | undefined {
  const last = health?.last;
  if (state !== "running" || !last || last.exit === 0 || health.status === "healthy" || !healthcheck) return undefined;
  const found = NO_TOOL.exec(last.output);
  if (!found && last.exit !== 126 && last.exit !== 127) return undefined;
  // A program that runs and complains of a missing file is no missing program.
  if (!found?.[1] && ![-1, 126, 127].includes(last.exit)) return undefined;
  const [kind, ...words] = healthcheck.test;
  return found?.[1] ?? (kind === "CMD" ? words[0] : words.join(" ").trim().split(/\s+/)[0]) ?? "a tool";
}

export const healthLocalhost = defineCheck({
  id: "ctr.health.localhost",
  severity: "error",
  finds: "a health check that asks ::1 while the service listens on 127.0.0.1 alone",
  about:
    "`localhost` is two addresses. Some tools, busybox's wget first, try the IPv6 one and are refused; the service is well. Where it listens is read in its own network.",
  remedy: "Write 127.0.0.1 in the health check, or let the service listen on both.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const one of watched(scene, seen.containers)) {
      const { container, subject } = one;
      const last = container.health?.last;
      const test = container.healthcheck?.test.slice(1).join(" ") ?? "";
      const asked = /(localhost|\[::1\])(?::(\d+))?/.exec(test);
      if (!asked) continue;
      const failing = container.state === "running" && last && last.exit !== 0 && container.health?.status !== "healthy";
      if (!failing || !/refused|can't connect|failed to connect/i.test(last.output)) {
        yield pass(subject);
        continue;
      }
      const listens = troubleOf(seen, one)?.listens;
      const port = Number(asked[2] ?? 80);
      if (!listens) {
        yield skip(subject, "where it listens can't be read");
      } else if (!listens.some((one) => one.port === port && !one.v6) || listens.some((one) => one.port === port && one.v6)) {
        yield pass(subject);
      } else {
        yield fail(subject, {
          severity: one.severity,
          title: `${one.called} is well, but its health check asks localhost, which is ::1 there: it listens on IPv4 alone`,
          evidence: [
            `check: ${test}`,
            `exit ${last.exit}: ${last.output.trim()}`,
            `it listens on port ${port} for IPv4, and not for IPv6`,
          ],
          fix: {
            class: "person",
            text: `write 127.0.0.1 in place of ${asked[1]} in its healthcheck, then release`,
            operation: one.owned && `tend deploy ${one.owned.app.name}`,
          },
        });
      }
    }
  },
});

export const healthNone = defineCheck({
  id: "ctr.health.none",
  severity: "info",
  finds: "a routed service without a health check",
  about: "Without one nobody knows when a new container can take requests: tend's deploy can only see that it runs.",
  remedy: "Add a `healthcheck` with a tool that the image has; asking the service's own health address is best.",
  fixClass: "person",
  *judge({ containers }, scene) {
    for (const { app, service, container, subject } of apps(scene, containers)) {
      if (!service.route || container.state !== "running") continue;
      if (container.healthcheck) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} gets requests, and has no health check`,
          evidence: [`${container.ref} and its compose file declare none`],
          fix: { class: "person", text: "add a healthcheck to its service, with a tool that the image has" },
        });
      }
    }
  },
});
