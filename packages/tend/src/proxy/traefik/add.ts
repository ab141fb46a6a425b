import { joinedBy, type ProxyAdding } from "../addition.ts";

/** It reads the labels of the containers, which only their compose file can lastingly change. */
export const traefikAdding: ProxyAdding = {
  kind: "traefik",
  add: ({ domain, service, port, network, joined }, { tls }) => {
    const name = domain.replaceAll(/[^a-z0-9]+/g, "-");
    return {
      kind: "lines",
      where: `the compose file, beside what services.${service} has: Traefik reads it there, and tend never rewrites it`,
      lines: [
        "services:",
        `  ${service}:`,
        "    labels:",
        '      traefik.enable: "true"',
        `      traefik.docker.network: ${network}`,
        `      traefik.http.routers.${name}.rule: Host(\`${domain}\`)`,
        ...(tls ? [`      traefik.http.routers.${name}.tls: "true"`] : []),
        `      traefik.http.routers.${name}.service: ${name}`,
        `      traefik.http.services.${name}.loadbalancer.server.port: "${port}"`,
        ...(joined ? [] : joinedBy(network)),
      ],
    };
  },
};
