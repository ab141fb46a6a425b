import type { RestartPolicy } from "../../model/contract.ts";
import { dataFolder } from "../images.ts";
import { defineRule, type Subject } from "../rule.ts";

export const restart = defineRule({
  name: "restart",
  asks: "a restart policy (`always` or `unless-stopped`, or those in `allow`)",
  why: "without one, a service that ends, or a server that starts anew, leaves it down until somebody notices",
  keys: ["restart", "deploy"],
  *judge({ service, source, oneOff }, { allow }) {
    if (oneOff) return;
    const policy = policyOf(service);
    if (policy !== undefined && allow.includes(policy)) return;
    const lines = [`restart: ${allow.includes("unless-stopped") ? "unless-stopped" : (allow[0] ?? "always")}`];
    const given = service.restart ?? service.restartCondition;
    if (given === undefined) {
      yield { title: `${service.name} isn't started again when it ends`, at: source.own, fix: { text: "add", lines } };
    } else {
      const at = service.restart === undefined ? source.key("deploy", "restart_policy") : source.key("restart");
      const title = `${service.name} has restart: ${given}; ${allow.join(" or ")} is asked for`;
      yield { title, at, fix: { text: "change it to", lines } };
    }
  },
});

function policyOf({ restart: given, restartCondition }: Subject["service"]): RestartPolicy | undefined {
  if (given !== undefined) return given === "no" ? undefined : (given.split(":")[0] as RestartPolicy);
  if (restartCondition === undefined || restartCondition === "none") return undefined;
  return restartCondition === "any" ? "always" : "on-failure";
}

export const healthcheck = defineRule({
  name: "healthcheck",
  asks: "a health check, in the file or in the image, with a tool that the image has",
  why: "nobody else knows whether the service answers: a release that is up and broken counts as well",
  keys: ["healthcheck", "image"],
  *judge({ service, source, image, oneOff }) {
    if (oneOff) return;
    const { name, healthcheck: test } = service;
    const lines = [
      "healthcheck:",
      '  test: ["CMD", "…"]  # a program of the image that ends with 0 when all is well',
      "  interval: 10s",
    ];
    if (test === "off") {
      yield {
        title: `the health check of ${name} is switched off`,
        at: source.key("healthcheck"),
        fix: { text: "change it to", lines },
        open: service.unsettled.get("healthcheck") ?? [],
      };
    } else if (test === undefined) {
      if (image.healthcheck === false)
        yield { title: `${name} has no health check`, at: source.own, fix: { text: "add", lines } };
      else if (image.healthcheck === undefined) yield { unknown: `whether the image of ${name} has a health check of its own` };
    } else {
      const tools = toolsOf(test);
      const missing = tools.find((tool) => image.tools?.get(tool) === false);
      const open = tools.filter((tool) => image.tools?.get(tool) === undefined && !isSure(tool));
      const at = source.key("healthcheck", "test");
      if (missing !== undefined) {
        const title = `the health check of ${name} runs ${missing}, which its image hasn't`;
        yield { title, at, fix: { text: "use a program that is in the image, or install it there", lines: [] } };
      } else if (open.length > 0)
        yield { unknown: `whether the image of ${name} has ${open.join(" and ")}, for its health check` };
    }
  },
});

/** The programs that a test starts: the first of an argument list; of a shell line also the shell. */
export function toolsOf(test: readonly string[]): readonly string[] {
  const [kind, ...words] = test;
  if (kind === "CMD") return words[0] === undefined ? [] : [words[0]];
  const first = /^\s*(?:[A-Za-z_]\w*=\S*\s+)*([\w./+-]+)/.exec(words.join(" "))?.[1];
  return ["sh", ...(first === undefined || BUILT_IN.has(first) ? [] : [first])];
}

const BUILT_IN = new Set(["test", "exit", "true", "false", "echo", "kill", "cd", "exec", "command", "if", "for", "while"]);

/** A path of the app's own, or the shell: only an image without any has none, and those are known. */
function isSure(tool: string): boolean {
  return tool === "sh" || tool === "/bin/sh";
}

export const volumes = defineRule({
  name: "volumes",
  asks: "named volumes or folders: none that is anonymous, and a database's data in one of them",
  why: "an anonymous volume is left behind when its container is made anew: the data is there, and the app starts empty",
  keys: ["volumes"],
  *judge({ service, source }) {
    for (const { type, source: from, target, unsettled: open } of service.volumes) {
      if (type !== "volume" || from !== undefined) continue;
      const title = `${target} of ${service.name} is an anonymous volume`;
      const lines = [`- ${service.name}_data:${target}  # and ${service.name}_data: below volumes:`];
      yield { title, at: source.item("volumes", target), fix: { text: "change it to", lines }, open };
    }
    const data = service.image === undefined ? undefined : dataFolder(service.image);
    // A mount above it doesn't help: the image has the engine make a volume for the folder itself.
    if (data === undefined || service.volumes.some(({ target }) => `${target}/`.startsWith(`${data}/`))) return;
    if (source.written("environment").some(({ name }) => name === "PGDATA")) return;
    const lines = ["volumes:", `  - ${service.name}_data:${data}  # and ${service.name}_data: below volumes:`];
    const title = `the data of ${service.name} is in an anonymous volume: nothing is mounted on ${data}`;
    yield { title, at: source.own, fix: { text: "add", lines } };
  },
});
