import type { ProxyAdding } from "../addition.ts";

/** It reads the labels of the containers, which only their compose file can lastingly change. */
export const traefikAdding: ProxyAdding = {
  kind: "traefik",
  add: ({ domain, service, port, network }, { tls }) => {
    const name = service.toLowerCase().replace(/[^a-z0-9-]/g, "-");
    return {
      kind: "lines",
      where: `the compose file, at services.${service} (and networks)`,
      lines: [
        "services:",
        `  ${service}:`,
        "    labels:",
        '      traefik.enable: "true"',
        `      traefik.docker.network: ${network}`,
        `      traefik.http.routers.${name}.rule: Host(\`${domain}\`)`,
        ...(tls ? [`      traefik.http.routers.${name}.tls: "true"`] : []),
        `      traefik.http.services.${name}.loadbalancer.server.port: "${port}"`,
        `    networks: [${network}]`,
        "networks:",
        `  ${network}: { external: true }`,
      ],
    };
  },
};
