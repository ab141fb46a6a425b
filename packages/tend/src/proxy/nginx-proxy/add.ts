import type { ProxyAdding } from "../addition.ts";

/** It reads the environment of the containers, which only their compose file can lastingly change. */
export const nginxProxyAdding: ProxyAdding = {
  kind: "nginx-proxy",
  add: ({ domain, service, port, network }, { tls }) => ({
    kind: "lines",
    where: `the compose file, at services.${service} (and networks)`,
    lines: [
      "services:",
      `  ${service}:`,
      "    environment:",
      `      VIRTUAL_HOST: ${domain}`,
      `      VIRTUAL_PORT: "${port}"`,
      ...(tls ? [`      LETSENCRYPT_HOST: ${domain}`] : []),
      `    networks: [${network}]`,
      "networks:",
      `  ${network}: { external: true }`,
    ],
  }),
};
