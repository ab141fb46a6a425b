import { mounted, type NewRoute, type ProxyAdding, type Standing } from "../addition.ts";
import { caddyRouting } from "./routes.ts";

const HOME = "/etc/caddy";

/** A file for each domain, where the Caddyfile imports a folder of them that the host has; else lines for the Caddyfile. */
export const caddyAdding: ProxyAdding = {
  kind: "caddy",
  add: (route, standing) => {
    const text = site(route, standing);
    for (const pattern of standing.imports) {
      const [, folder, ending] = /^(?:\/etc\/caddy\/)?([\w-]+)\/\*(\.[\w-]+)?$/.exec(pattern) ?? [];
      const path = folder === undefined ? undefined : mounted(standing, `${HOME}/${folder}`);
      if (path !== undefined) {
        return {
          kind: "file",
          path: `${path}/${route.domain}${ending ?? ".caddy"}`,
          content: text,
          load: caddyRouting.reload(standing.container),
        };
      }
    }
    return {
      kind: "lines",
      where: `the Caddyfile of ${standing.container} (with a line "import sites/*.caddy" and that folder mounted, tend writes it by itself)`,
      lines: text.trim().split("\n"),
    };
  },
};

/** Caddy fetches the certificate by itself, where the world can reach its TLS port. */
function site({ domain, container, port }: NewRoute, { tls }: Standing): string {
  return `# Made by tend route add. It is yours now: change it as you like.
${tls ? domain : `http://${domain}`} {
	reverse_proxy ${container}:${port} {
		# A connection that a former container has accepted in its last moment is tried again.
		lb_try_duration 3s
	}
}
`;
}
