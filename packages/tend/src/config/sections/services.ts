import { z } from "zod";
import { serviceName } from "../../model/names.ts";
import { duration, mapOf, named, port, section, text, words } from "../values.ts";
import { route } from "./route.ts";

const name = named<"service">(serviceName);
const probePath = text("a path that starts with /", /^\/[^\s#]{0,500}$/);
const PROBE = "a path such as /health, or a map with path and status";
const STATUS = "an HTTP status from 100 to 599";

const probe = z
  .union(
    [
      probePath.transform((path) => ({ path, status: undefined })),
      section(PROBE, {
        path: probePath.describe("The path that is asked for."),
        status: z
          .int({ error: STATUS })
          .min(100, { error: STATUS })
          .max(599, { error: STATUS })
          .optional()
          .describe("The one status that counts as healthy. Default: any from 200 to 399."),
      }),
    ],
    { error: PROBE },
  )
  .describe("The path that answers when the service is well; used where the container has no health check of its own.");

const service = section("the service's settings: a map, or nothing", {
  compose: name.optional().describe("What the compose file calls it. Default: its name here."),
  role: z
    .enum(["routed", "worker", "single-writer", "one-off"], { error: "routed, worker, single-writer or one-off" })
    .optional()
    .describe(
      "How it may be replaced: routed is swapped behind the proxy, a single-writer is stopped before its successor starts, a one-off runs to its end. Default: routed with a route (or a port of its own), else worker.",
    ),
  route: route.optional(),
  probe: probe.optional(),
  deadline: duration.prefault(60).describe("How long a new container may take until it is healthy, in seconds. Default: 60s."),
  drain: duration
    .prefault(10)
    .describe("How long requests in flight may take once a container gets no new ones, in seconds. Default: 10s."),
  run: words.optional().describe("runtime: process only. The command, on one line, run without a shell; PORT is set for it."),
  port: port.optional().describe("runtime: process only. The port that users reach."),
}).describe("A service of the app.");

export type DeclaredService = z.output<typeof service>;

const settings = service.nullable().transform((given): DeclaredService => given ?? service.parse({}));

const list = z
  .array(name, { error: "a list of services" })
  .check(({ value, issues }) => {
    const again = value.findIndex((given, at) => value.indexOf(given) < at);
    const says = `the service ${value[again]} is named twice`;
    if (again !== -1) issues.push({ code: "custom", message: "each once", path: [again], input: value, params: { says } });
  })
  .transform((names) => {
    return Object.fromEntries(names.map((given) => [given, service.parse({})])) as Record<z.output<typeof name>, DeclaredService>;
  });

export const services = z
  .union([mapOf(name, settings, "a map of services"), list], { error: "a map of services, or a list of their names" })
  .describe("The compose services that make up the app, by name. Default: every service of the compose project.");
