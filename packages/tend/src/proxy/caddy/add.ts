import { type Script, sh } from "../../transport/argv.ts";
import { mounted, type NewRoute, type ProxyAdding, type Standing } from "../addition.ts";
import { CADDYFILE, caddyRouting } from "./routes.ts";

const HOME = "/etc/caddy";

/** A file for each domain, where the Caddyfile imports a folder of them that the host has; else lines for the Caddyfile. */
export const caddyAdding: ProxyAdding = {
  kind: "caddy",
  add: (route, standing) => {
    const { container } = standing;
    const content = site(route, standing);
    const reload = caddyRouting.reload(container);
    for (const pattern of standing.imports) {
      const [, folder, ending = ".caddy"] = /^(?:\/etc\/caddy\/)?([\w-]+)\/\*(\.[\w-]+)?$/.exec(pattern) ?? [];
      const path = folder === undefined ? undefined : mounted(standing, `${HOME}/${folder}`);
      if (path !== undefined) {
        return {
          kind: "file",
          path: `${path}/${route.domain}${ending}`,
          content,
          load: loadWith(route.domain, container, reload),
        };
      }
    }
    return {
      kind: "lines",
      where: `the Caddyfile of ${container} (with a line "import sites/*.caddy" and that folder mounted, tend writes it by itself)`,
      lines: content.trimEnd().split("\n"),
      load: reload,
    };
  },
};

/** An import may stand in a snippet that nobody uses: then the Caddyfile is right, and the domain isn't in it. */
function loadWith(domain: string, container: string, reload: Script): Script {
  return sh`docker exec ${container} caddy validate --config ${CADDYFILE} || exit 1
docker exec ${container} caddy adapt --config ${CADDYFILE} 2>/dev/null | grep -qF ${`"${domain}"`} ||
  { echo ${`error: nothing that ${container} loads has a site ${domain}`}; exit 1; }
${reload}`;
}

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
