import { bytesOf, sizeText } from "../bytes-of.ts";
import { defineRule } from "../rule.ts";

export const memory = defineRule({
  name: "memory",
  asks: "a memory limit (`mem_limit`, or `deploy.resources.limits.memory`), at most `most`",
  why: "without a limit, a leak in one service takes the server's memory, and the kernel ends whatever it likes",
  keys: ["mem_limit", "deploy"],
  *judge({ service, source }, { most }) {
    if (!service.memory) {
      const lines = [`mem_limit: ${most === undefined ? "512m" : sizeText(most)}`];
      yield { title: `${service.name} has no memory limit`, at: source.own, fix: { text: "add", lines } };
    } else if (most !== undefined && service.memory > most) {
      const at =
        source.text("mem_limit") === undefined ? source.key("deploy", "resources", "limits", "memory") : source.key("mem_limit");
      const title = `${service.name} may take ${sizeText(service.memory)} of memory; at most ${sizeText(most)} are asked for`;
      yield { title, at, fix: { text: "change it to", lines: [`mem_limit: ${sizeText(most)}`] } };
    }
  },
});

/** Drivers that leave nothing on the host's disk, or cap it by themselves: `local` keeps 100 MB. */
const CAPPED = new Set(["local", "none", "journald", "syslog", "gelf", "fluentd", "awslogs", "splunk", "gcplogs"]);

export const logs = defineRule({
  name: "logs",
  asks: "a cap on the container's log: the driver `local`, or `max-size` for `json-file`; at most `most` in all",
  why: "the engine's own default keeps every line for ever, until the disk is full",
  keys: ["logging"],
  *judge({ service, source }, { most }) {
    const { driver = "json-file", options = {} } = service.logging ?? {};
    const size = options["max-size"] === undefined ? undefined : bytesOf(options["max-size"]);
    const lines = ["logging:", "  driver: json-file", '  options: { max-size: 10m, max-file: "3" }'];
    const at = service.logging ? source.key("logging") : source.own;
    if (driver === "json-file" && size === undefined) {
      const title = `the log of ${service.name} has no end`;
      yield { title, at, fix: { text: service.logging ? "change it to" : "add", lines } };
    } else if (most !== undefined && size !== undefined && size * Number(options["max-file"] ?? 1) > most) {
      const title = `the log of ${service.name} may grow to ${sizeText(size * Number(options["max-file"] ?? 1))}; at most ${sizeText(most)} are asked for`;
      yield { title, at: source.key("logging", "options", "max-size"), fix: { text: "lower max-size or max-file", lines: [] } };
    } else if (driver !== "json-file" && !CAPPED.has(driver)) {
      yield { unknown: `what the log driver ${driver} of ${service.name} keeps` };
    }
  },
});
