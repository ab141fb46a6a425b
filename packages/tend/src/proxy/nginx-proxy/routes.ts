import { sh } from "../../transport/argv.ts";
import { readRoutes, reloadNginx } from "../nginx/routes.ts";
import type { ProxyRouting } from "../routing.ts";

const GENERATED = "/etc/nginx/conf.d/default.conf";

/** The one file that its generator writes; what stands beside it in vhost.d only adds to it. */
export const nginxProxyRouting: ProxyRouting = {
  kind: "nginx-proxy",
  script: (container) =>
    sh`docker exec ${container} sh -c 'nginx -t -q; said=$?; cat "$1" || exit 2; exit $said' sh ${GENERATED}`,
  routes: readRoutes,
  // Versions before 1.10 don't listen for networks: a container that was connected later is found by this alone.
  reload: (container) => sh`docker exec ${container} docker-gen /app/nginx.tmpl ${GENERATED} && ${reloadNginx(container)}`,
};
