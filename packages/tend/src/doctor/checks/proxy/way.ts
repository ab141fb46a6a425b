import { CANT_START } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { breaksAt } from "../../way/judge-ways.ts";

export const proxyDown = defineCheck({
  id: "proxy.down",
  follows: ["host.engine.down", ...CANT_START, "vol.bind.missing"],
  severity: "error",
  finds: "a declared proxy whose container isn't running",
  about: "Nobody reaches any of the apps behind it. The container that `proxies:` names is looked for on its host.",
  remedy: "Read why it ended, with `docker logs`, and start it. Where another program has its port, name the owner first.",
  fixClass: "person",
  judge: breaksAt("proxy.down"),
});

export const proxyNetwork = defineCheck({
  id: "proxy.network",
  severity: "error",
  finds: "an app that shares no Docker network with its proxy: 502",
  about:
    "A proxy in a container reaches others only on a network that both are on. The networks of both are compared; behind Traefik, the one that the label `traefik.docker.network` names has to be one of them.",
  remedy:
    "Name the proxy's network among the service's networks, as an external one, and deploy. `docker network connect` helps until the next `up`.",
  fixClass: "person",
  follows: ["proxy.down", "compose.network.missing"],
  judge: breaksAt("proxy.network"),
});

export const routerConflict = defineCheck({
  id: "proxy.router.conflict",
  severity: "error",
  finds: "a Traefik router that two containers define differently: 404",
  about: "Traefik then has no router of that name at all. The labels of all running containers are compared.",
  remedy: "Stop the container that is superseded, or give its router a name of its own.",
  fixClass: "person",
  judge: breaksAt("proxy.router.conflict"),
});

export const nameStale = defineCheck({
  id: "proxy.name.stale",
  severity: "error",
  finds: "a proxy that leads to an address which the container hasn't any more",
  about:
    "Plain nginx resolves names when it loads its configuration, and nginx-proxy before 1.10 doesn't hear of networks. Addresses in the configuration are compared with those of the containers; behind plain nginx, what the app answers with what the proxy makes of it.",
  remedy:
    "Check the configuration and reload. For plain nginx, a `resolver 127.0.0.11` with the name in a variable notices by itself.",
  fixClass: "safe",
  follows: ["proxy.down", "proxy.config"],
  judge: breaksAt("proxy.name.stale"),
});
