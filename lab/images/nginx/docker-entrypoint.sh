#!/bin/sh
# /etc/nginx/templates/NAME.template becomes conf.d/NAME with the environment filled in; then scripts, then nginx.
set -e
if [ "$1" = nginx ]; then
  # Only variables that exist are replaced: nginx has $variables of its own.
  known=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    name=$(basename "$template" .template)
    [ ! -f "$template" ] || envsubst "$known" <"$template" >"/etc/nginx/conf.d/$name"
  done
  for script in /docker-entrypoint.d/*.sh; do
    [ ! -x "$script" ] || "$script"
  done
fi
exec "$@"
