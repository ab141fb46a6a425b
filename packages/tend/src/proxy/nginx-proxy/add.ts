import { joinedBy, type ProxyAdding } from "../addition.ts";

/** It reads the environment of the containers, which only their compose file can lastingly change. */
export const nginxProxyAdding: ProxyAdding = {
  kind: "nginx-proxy",
  add: ({ domain, service, port, network, joined, domains }, { tls }) => ({
    kind: "lines",
    where: `the compose file, beside what services.${service} has: nginx-proxy reads it there, and tend never rewrites it`,
    lines: [
      "services:",
      `  ${service}:`,
      "    environment:",
      `      VIRTUAL_HOST: ${[...new Set([...domains, domain])].join(",")}`,
      `      VIRTUAL_PORT: "${port}"`,
      ...(tls ? [`      LETSENCRYPT_HOST: ${[...new Set([...domains, domain])].join(",")}`] : []),
      ...(joined ? [] : joinedBy(network)),
    ],
  }),
};
