# shellcheck shell=bash
# Each proxy routes to a container that says its own name; the stand-ins also keep to the contracts that a deploy depends on.

check_proxies() {
  on h1 mkdir -p proxies
  send h1 proxies/compose.yaml <"$LAB/checks/compose.yaml"
  check "the proxies and what is behind them come up" on h1 'cd proxies && PASSWORD=hush docker compose up -d --quiet-pull'
  check "nginx routes" eventually answers 8004 web.example 200
  check "caddy routes" eventually answers 8003 web.example 200
  check_nginx_proxy
  check_traefik
  check "electric has its slot, a second one waits for it" electric_slot
  check "postgres is asked for by pg_isready and has its init files" on h1 "docker exec proxies-db-1 psql -U app -d app -Atc 'select 1 from made_by_init'"
  check "the proxies go away" on h1 'cd proxies && PASSWORD=hush docker compose down -v --timeout 1'
}

answers() { # answers PORT HOST STATUS [PATH]
  local status; status=$(on h1 "curl -s -o /dev/null -m 5 -w '%{http_code}' -H 'Host: $2' http://127.0.0.1:$1${4:-/}")
  [ "$status" = "$3" ] || { echo "$2: $status, not $3"; return 1; }
}

check_nginx_proxy() {
  check "nginx-proxy routes VIRTUAL_HOST" eventually answers 8001 web.example 200
  check "nginx-proxy answers 503 to an unknown host" answers 8001 nobody.example 503
  check "nginx-proxy adds a container when it starts, healthy or not" on h1 "$(extra "-e VIRTUAL_HOST=web.example --health-cmd false --network proxies_edge") && docker exec nginx-proxy grep -A9 'Container: extra' /etc/nginx/conf.d/default.conf | grep -q 'server .*:8000;'"
  check "nginx-proxy names what it can't reach, and doesn't hear of networks" on h1 "$(extra "-e VIRTUAL_HOST=far.example") && docker exec nginx-proxy grep -q 'bridge (unreachable)' /etc/nginx/conf.d/default.conf && docker network connect proxies_edge extra && sleep 1 && docker exec nginx-proxy grep -q 'server 127.0.0.1 down' /etc/nginx/conf.d/default.conf"
  check "nginx-proxy answers 502 for it" answers 8001 far.example 502
  check "docker-gen by hand finds it" on h1 "docker exec nginx-proxy sh -c 'docker-gen /app/nginx.tmpl /etc/nginx/conf.d/default.conf && nginx -t && nginx -s reload' && sleep 1"
  check "nginx-proxy routes to it then" eventually answers 8001 far.example 200
  on h1 docker rm -f extra >/dev/null
}

check_traefik() {
  local enable="--network proxies_edge -l traefik.enable=true -l traefik.http.services.web.loadbalancer.server.port=8000"
  check "traefik routes by rule" eventually answers 8002 web.example 200 /in/here
  check "traefik answers 404 to an unknown host" answers 8002 nobody.example 404
  check "traefik leaves out a container that isn't healthy" on h1 "$(extra "$enable --health-cmd false") && sleep 2 && curl -s http://127.0.0.1:8082/api/http/services | grep -c '\"url\"' && test \$(curl -s http://127.0.0.1:8082/api/http/services | grep -o '\"url\"' | wc -l) = 1"
  check "traefik balances over two containers of one service" on h1 "$(extra "$enable -l 'traefik.http.routers.web.rule=Host(\`web.example\`) && PathPrefix(\`/in\`)'") && sleep 3 && test \$(for i in 1 2 3 4; do curl -s -H 'Host: web.example' http://127.0.0.1:8002/in; echo; done | sort -u | wc -l) = 2"
  check "traefik drops a router that two containers define differently" on h1 "$(extra "$enable -l 'traefik.http.routers.web.rule=Host(\`other.example\`)'") && sleep 3 && docker logs proxies-traefik-1 2>&1 | grep -q 'Router defined multiple times with different configurations'"
  check "its requests end in 404" answers 8002 web.example 404 /in
  on h1 docker rm -f extra >/dev/null
  check "and come back when the second is gone" eventually answers 8002 web.example 200 /in
}

extra() { # extra RUN-OPTIONS : the command that starts a container which says its name
  echo "docker rm -f extra >/dev/null 2>&1; docker run -d --name extra --expose 8000 $1 node:24-slim -e \"require('http').createServer((q, s) => s.end(require('os').hostname())).listen(8000)\" && sleep 1.5"
}

electric_slot() {
  on h1 "docker exec proxies-electric-1 curl -sf http://127.0.0.1:3000/v1/health | grep active" || return
  on h1 "docker exec proxies-db-1 psql -U app -d app -Atc \"select active from pg_replication_slots where slot_name = 'electric_slot_default'\" | grep -x t" || return
  eventually on h1 "docker exec proxies-second-1 curl -s http://127.0.0.1:3000/v1/health | grep waiting_on_lock" || return
  on h1 "docker stop -t 5 proxies-electric-1" && eventually on h1 "docker exec proxies-second-1 curl -sf http://127.0.0.1:3000/v1/health | grep active"
}
