import { inCompose, type ProxyAdding } from "../addition.ts";

/** It reads the environment of the containers, which only their compose file can lastingly change. */
export const nginxProxyAdding: ProxyAdding = {
  kind: "nginx-proxy",
  add: (route, { tls }) => {
    const now = (route.env["VIRTUAL_HOST"] ?? "").split(",").map((one) => one.trim());
    const domains = [...new Set([...now.filter(Boolean), route.domain])].join(",");
    return inCompose(route, "nginx-proxy", {
      environment: { VIRTUAL_HOST: domains, VIRTUAL_PORT: String(route.port), ...(tls ? { LETSENCRYPT_HOST: domains } : {}) },
    });
  },
};
