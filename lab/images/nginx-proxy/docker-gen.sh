#!/bin/sh
exec node /app/nginx-proxy/docker-gen.ts "$@"
