import { z } from "zod";
import { domainName, proxyName } from "../../model/names.ts";
import { named, port, section, text } from "../values.ts";

const domain = text("a domain alone, such as app.example", domainName.pattern);
const prefix = text("a path that starts with /, such as /api", /^\/[^\s?#]{0,200}$/);

export const route = section("a map with domain", {
  domain: domain.describe("The domain that users ask for."),
  path: z
    .union([prefix, z.array(prefix, { error: "a list of paths" }).min(1, { error: "at least one path" })], {
      error: "a path such as /api, or a list of them",
    })
    .prefault("/")
    .describe("The path prefix, or a list of them, that goes to this service. Default: /."),
  proxy: named<"proxy">(proxyName).optional().describe("The proxy that serves it. Default: the host's only one."),
  port: port
    .optional()
    .describe("The port inside the container. A probe needs it where the service has no healthcheck of its own."),
})
  .transform(({ domain, path, proxy, port }) => ({
    domain: domain.toLowerCase(),
    paths: typeof path === "string" ? [path] : path,
    proxy,
    port,
  }))
  .describe("Which requests reach it.");
