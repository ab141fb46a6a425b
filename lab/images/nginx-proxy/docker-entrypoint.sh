#!/bin/sh
# The configuration exists before nginx starts; afterwards the generator watches and reloads.
set -eu
socket=${DOCKER_HOST#unix://}
if [ ! -S "$socket" ]; then
  echo "ERROR: you need to share your Docker host socket with a volume at $socket" >&2
  exit 1
fi

docker-gen /app/nginx.tmpl /etc/nginx/conf.d/default.conf
nginx -g 'daemon off;' &
nginx=$!
docker-gen -watch -notify 'nginx -t -q && nginx -s reload' /app/nginx.tmpl /etc/nginx/conf.d/default.conf &
generator=$!
trap 'kill -QUIT $nginx; kill $generator; wait $nginx; exit 0' TERM INT QUIT
wait $nginx
