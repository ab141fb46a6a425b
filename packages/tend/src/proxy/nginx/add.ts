import { type Script, sh } from "../../transport/argv.ts";
import { mounted, type NewRoute, type ProxyAdding } from "../addition.ts";
import { reloadNginx } from "./routes.ts";

const FOLDER = "/etc/nginx/conf.d";

/** A file for each domain. The name is resolved when it loads, which is what a swap without downtime goes by. */
export const nginxAdding: ProxyAdding = {
  kind: "nginx",
  add: (route, standing) => {
    const { container } = standing;
    const folder = mounted(standing, FOLDER);
    if (folder === undefined) {
      return {
        kind: "lines",
        where: `a file in ${FOLDER} of ${container}, which is no folder of the host yet: mount one`,
        lines: site(route).trimEnd().split("\n"),
        load: reloadNginx(container),
      };
    }
    const file = `${route.domain}.conf`;
    return { kind: "file", path: `${folder}/${file}`, content: site(route), load: loadWith(`${FOLDER}/${file}`, container) };
  },
};

/** `nginx -t` is content with a file that it never reads, too. */
function loadWith(file: string, container: string): Script {
  return sh`docker exec ${container} nginx -t || exit 1
docker exec ${container} nginx -T 2>/dev/null | grep -qxF ${`# configuration file ${file}:`} ||
  { echo ${`error: nothing that ${container} loads includes ${file}`}; exit 1; }
docker exec ${container} nginx -s reload`;
}

function site({ domain, container, port }: NewRoute): string {
  return `# Made by tend route add. It is yours now: change it as you like.
server {
    listen 80;
    server_name ${domain};

    location / {
        proxy_pass http://${container}:${port};
        proxy_http_version 1.1;
        proxy_set_header Host              $host;
        proxy_set_header X-Real-IP         $remote_addr;
        proxy_set_header X-Forwarded-For   $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Host  $host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade           $http_upgrade;
        # "upgrade" for WebSockets, and nothing for others: connections to the app aren't kept open.
        proxy_set_header Connection        $http_connection;
    }
}
`;
}
