import { serviceName } from "../model/names.ts";
import type { Found, FoundProject, FoundService } from "./found.ts";
import { kindOf, repositoryOf } from "./kinds.ts";
import type { Ways } from "./ways.ts";

/** Services that are released together. */
export interface Group {
  readonly project: FoundProject;
  readonly services: readonly FoundService[];
  /** The project holds other apps as well, so this one goes by its services' names. */
  readonly shared: boolean;
}

export interface Grouping {
  readonly groups: readonly Group[];
  /** What is nobody's app, and why. */
  readonly left: readonly string[];
}

/** An app is a project without its proxy and its database server; where a proxy lives, each app of the project. */
export function groupsOf(found: Found, ways: Ways): Grouping {
  const left: string[] = [];
  const groups = found.projects.flatMap((project): readonly Group[] => {
    const isWay = (service: FoundService) => ways.proxies.some((way) => way.service === service);
    for (const service of project.services) {
      const why = isWay(service)
        ? "the proxy"
        : { postgres: "a database server", companion: "it looks after others" }[kindOf(service).kind as string];
      if (why) left.push(`${project.name}/${service.name}: ${why}, and no app`);
    }
    const apart = project.services.filter(
      (service) => !isWay(service) && !["postgres", "companion"].includes(kindOf(service).kind),
    );
    const services = apart.filter(({ name }) => serviceName.parse(name));
    for (const { name } of apart) if (!serviceName.parse(name)) left.push(`${project.name}/${name}: a name that tend can't take`);
    if (services.length === 0) return [];
    if (!project.there) {
      left.push(`${project.name}: its folder ${project.folder} isn't on this host; it was started from another machine`);
      return [];
    }
    // Without routes nothing tells apps of one project from parts of one app.
    const several = project.services.some(isWay) && ways.routes.some(({ service }) => services.includes(service));
    if (!several) return [{ project, services, shared: false }];
    return components(services, ways).map((component) => ({ project, services: component, shared: true }));
  });
  for (const service of found.loose) {
    if (service.labels["com.docker.swarm.service.name"]) left.push(`${service.container}: a swarm's task`);
    else if (!ways.proxies.some((way) => way.service === service) && kindOf(service).kind !== "postgres")
      left.push(`${service.container}: started by docker run, without a compose file`);
  }
  return { groups, left };
}

/** What watches a host is one stack, however little its parts say of each other. */
const WATCHES =
  /(?:^|\/)(?:prometheus|grafana|loki|promtail|tempo|alloy|cadvisor|node-exporter|alertmanager|blackbox-exporter|pushgateway|jaeger|otel-collector|opentelemetry-collector(?:-contrib)?)$/;

/** Services that belong together: by name, by domain, by what they wait for, or by a volume of both. */
function components(services: readonly FoundService[], ways: Ways): readonly (readonly FoundService[])[] {
  const domains = (service: FoundService) =>
    ways.routes.filter((route) => route.service === service).map((route) => route.domain);
  const volumes = (service: FoundService) => service.mounts.flatMap(({ from }) => ("volume" in from ? [from.volume] : []));
  const isKin = (one: FoundService, other: FoundService) =>
    new RegExp(`^${RegExp.escape(one.name)}[-_.]`).test(other.name) ||
    one.dependsOn.includes(other.name) ||
    domains(one).some((domain) => domains(other).includes(domain)) ||
    (WATCHES.test(repositoryOf(one.image)) && WATCHES.test(repositoryOf(other.image))) ||
    volumes(one).some((volume) => volumes(other).includes(volume));
  const found: FoundService[][] = [];
  for (const service of services) {
    const kin = found.filter((group) => group.some((other) => isKin(service, other) || isKin(other, service)));
    for (const group of kin) found.splice(found.indexOf(group), 1);
    found.push([...kin.flat(), service]);
  }
  return found.map((group) => services.filter((service) => group.includes(service)));
}
