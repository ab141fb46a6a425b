import { inCompose, type NewRoute, type ProxyAdding } from "../addition.ts";
import { PORT, routersOf, servicesOf } from "./routes.ts";

/** It reads the labels of the containers, which only their compose file can lastingly change. */
export const traefikAdding: ProxyAdding = {
  kind: "traefik",
  add: (route, { tls }) => {
    const { domain, network, port } = route;
    const name = domain.replaceAll(/[^a-z0-9]+/g, "-");
    const router = `traefik.http.routers.${name}`;
    const service = serviceAt(route);
    return inCompose(route, "Traefik", {
      labels: {
        "traefik.enable": "true",
        "traefik.docker.network": network,
        [`${router}.rule`]: `Host(\`${domain}\`)`,
        ...(tls ? { [`${router}.tls`]: "true" } : {}),
        [`${router}.service`]: service ?? name,
        ...(service === undefined ? { [`traefik.http.services.${name}.${PORT}`]: String(port), ...linked(route) } : {}),
      },
    });
  },
};

/** The container's own service at that port: of a second one it would make a stranger. */
function serviceAt(route: NewRoute): string | undefined {
  return [...servicesOf(route)].find(([, options]) => options[PORT] === String(route.port))?.[0];
}

/** Traefik drops a router that names no service as soon as its container has two of them. */
function linked(route: NewRoute): Readonly<Record<string, string>> {
  const [only] = servicesOf(route).keys();
  if (only === undefined) return {};
  const silent = [...routersOf(route)].filter(([, options]) => options["service"] === undefined);
  return Object.fromEntries(silent.map(([router]) => [`traefik.http.routers.${router}.service`, only]));
}
