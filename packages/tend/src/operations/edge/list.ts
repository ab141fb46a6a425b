import { clean } from "../../execute/evidence.ts";
import { defineOperation } from "../../operation.ts";
import { someApps } from "../../params.ts";
import { table } from "../../render/table.ts";
import { type Followed, follow } from "./look.ts";

export const routeList = defineOperation({
  kind: "report",
  name: "route list",
  summary: "List which domain goes through which proxy to which service and port, and whether it answers",
  details: "The declared routes; what stands there is read from the running proxies and containers, and asked.",
  effect: "reads",
  params: { apps: someApps() },
  examples: [
    { command: "tend route list", explains: "the whole fleet" },
    { command: "tend route list skriptoteket --json", explains: "one app's, for scripts" },
  ],
  async report(session, input) {
    const rows = (await follow(session, input.apps)).map(rowOf);
    const head = ["domain", "", "proxy", "service", "container", "answers"];
    return {
      data: { routes: rows },
      lines:
        rows.length === 0
          ? ["no routes are declared: apps.APP.services.SERVICE.route"]
          : table(
              head,
              rows.map((row) => [
                row.domain + (row.paths.join() === "/" ? "" : row.paths.join(",")),
                "→",
                `${row.proxy} (${row.host})`,
                `${row.app}/${row.service}${row.port === undefined ? "" : `:${row.port}`}`,
                row.container ?? "none is running",
                row.answers,
              ]),
            ),
      exit: rows.some((row) => row.broken !== undefined) ? 3 : 0,
    };
  },
});

export function rowOf({ scene, way, routed, container, asked, outcome }: Followed) {
  const [first] = asked?.public ?? [];
  const broken = "broken" in outcome ? outcome.broken.at : undefined;
  const answer = first?.status === undefined ? first?.error : `${first.status} in ${first.ms} ms`;
  return {
    domain: way.route.domain,
    paths: way.route.paths,
    host: scene.host.name,
    proxy: way.proxy.container,
    app: way.app.name,
    service: way.service.name,
    port: routed?.upstreams[0]?.port ?? way.route.port,
    container: container?.name,
    broken,
    answers: clean(broken ? `no: ${broken}` : "beside" in outcome ? `not known: ${outcome.beside}` : (answer ?? "not known")),
  };
}
