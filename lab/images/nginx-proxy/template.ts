// Containers → nginx configuration. The comments are those of the real template: people, and tend, diagnose by them.
import type { Container } from "../engine-api/engine.ts";

export function nginxConfiguration(containers: Container[], self: Container | undefined): string {
  const reachable = new Set(Object.keys(self?.NetworkSettings.Networks ?? {}));
  const hosts = new Map<string, Container[]>();
  for (const container of [...containers].sort((a, b) => a.Name.localeCompare(b.Name))) {
    for (const host of (env(container, "VIRTUAL_HOST") ?? "").split(",").map((name) => name.trim())) {
      if (host !== "") hosts.set(host, [...(hosts.get(host) ?? []), container]);
    }
  }
  const blocks = [...hosts].sort().map(([host, behind]) => virtualHost(host, behind, reachable));
  return [preamble, ...blocks].join("\n");
}

function virtualHost(host: string, containers: Container[], reachable: Set<string>): string {
  const servers = containers.map((container) => server(container, reachable));
  const fallback = servers.some(({ address }) => address !== undefined)
    ? []
    : ["    # Fallback entry", "    server 127.0.0.1 down;"];
  return `# ${host}/
upstream ${host} {
${[...servers.flatMap(({ lines }) => lines), ...fallback].join("\n")}
}
server {
    server_name ${host};
    access_log /var/log/nginx/access.log vhost;
    listen 80;
    location / {
        proxy_pass http://${host};
    }
}
`;
}

function server(container: Container, reachable: Set<string>): { address: string | undefined; lines: string[] } {
  const networks = Object.entries(container.NetworkSettings.Networks).sort();
  const ip = networks.find(([name, { IPAddress }]) => reachable.has(name) && IPAddress !== "")?.[1].IPAddress;
  const exposed = Object.keys(container.NetworkSettings.Ports ?? {}).sort();
  const only = (exposed.length === 1 ? exposed[0]?.split("/")[0] : undefined) ?? "80";
  const port = env(container, "VIRTUAL_PORT") ?? only;
  const lines = [
    `    # Container: ${container.Name.replace(/^\//, "")}`,
    "    #     networks:",
    ...networks.map(([name]) => `    #         ${name} (${reachable.has(name) ? "reachable" : "unreachable"})`),
    ...(networks.length === 0 ? ["    #         (none)"] : []),
    `    #     IP address: ${ip ?? "(none usable)"}`,
    `    #     exposed ports: ${exposed.join(" ") || "(none)"}`,
    `    #     default port: ${only}`,
    `    #     using port: ${port}`,
  ];
  return ip === undefined ? { address: undefined, lines } : { address: ip, lines: [...lines, `    server ${ip}:${port};`] };
}

function env(container: Container, name: string): string | undefined {
  const found = (container.Config.Env ?? []).find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  return found === "" ? undefined : found;
}

const preamble = `# nginx-proxy version : 1.6 (stand-in)
map $http_x_forwarded_proto $proxy_x_forwarded_proto {
    default $http_x_forwarded_proto;
    '' $scheme;
}
map $http_x_forwarded_host $proxy_x_forwarded_host {
    default $http_x_forwarded_host;
    '' $host;
}
map $http_x_forwarded_port $proxy_x_forwarded_port {
    default $http_x_forwarded_port;
    '' $server_port;
}
map $http_upgrade $proxy_connection {
    default upgrade;
    '' close;
}
server_names_hash_bucket_size 128;
log_format vhost escape=default '$host $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$upstream_addr"';
access_log off;
proxy_http_version 1.1;
proxy_set_header Host $host;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $proxy_connection;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Host $proxy_x_forwarded_host;
proxy_set_header X-Forwarded-Proto $proxy_x_forwarded_proto;
proxy_set_header X-Forwarded-Port $proxy_x_forwarded_port;
proxy_set_header X-Original-URI $request_uri;
# A client must not set what CGI programs read as HTTP_PROXY.
proxy_set_header Proxy "";
server {
    server_name _; # never a real name: answers when no other does
    server_tokens off;
    access_log /var/log/nginx/access.log vhost;
    listen 80 default_server;
    location / {
        return 503;
    }
}
`;
