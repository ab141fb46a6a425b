# Every image of the lab and the names that it answers to.
# `debian:trixie-slim` is imported before this runs; PARTS is a folder that lab/up fills with what isn't a Debian package.

variable "PARTS" {}

group "default" {
  targets = ["busybox", "alpine", "node", "node-alpine", "postgres", "postgres-15", "nginx", "caddy", "nginx-proxy", "traefik", "electric"]
}

# Only installs from it: the package lists of one `apt-get update` for all the others.
target "apt" {
  dockerfile = "apt/Dockerfile"
  target     = "trixie"
}

target "apt-bookworm" {
  dockerfile = "apt/Dockerfile"
  target     = "bookworm"
}

target "busybox" {
  dockerfile = "busybox/Dockerfile"
  target     = "busybox"
  contexts   = { parts = "${PARTS}" }
  tags       = ["busybox:latest"]
}

target "alpine" {
  inherits = ["busybox"]
  target   = "alpine"
  tags     = ["alpine:3.20"]
}

target "node" {
  dockerfile = "node/Dockerfile"
  target     = "slim"
  contexts   = { parts = "${PARTS}" }
  tags       = ["node:24-slim"]
}

target "node-alpine" {
  inherits = ["node"]
  target   = "alpine"
  tags     = ["node:24-alpine"]
}

target "postgres" {
  dockerfile = "postgres/Dockerfile"
  contexts   = { apt = "target:apt", apt-bookworm = "target:apt-bookworm" }
  tags       = ["postgres:17", "postgres:17-alpine", "postgres:16-alpine"]
}

target "postgres-15" {
  inherits = ["postgres"]
  args     = { MAJOR = "15" }
  tags     = ["postgres:15"]
}

target "nginx" {
  dockerfile = "nginx/Dockerfile"
  contexts   = { apt = "target:apt" }
  tags       = ["nginx:1.27", "nginx:alpine", "nginx:latest"]
}

target "caddy" {
  dockerfile = "caddy/Dockerfile"
  contexts   = { apt = "target:apt" }
  tags       = ["caddy:2"]
}

target "nginx-proxy" {
  dockerfile = "nginx-proxy/Dockerfile"
  contexts   = { apt = "target:apt", "node:24-slim" = "target:node" }
  tags       = ["nginxproxy/nginx-proxy:1.6"]
}

target "traefik" {
  dockerfile = "traefik/Dockerfile"
  contexts   = { "node:24-slim" = "target:node" }
  tags       = ["traefik:v3.1"]
}

target "electric" {
  dockerfile = "electric/Dockerfile"
  contexts   = { apt = "target:apt", "node:24-slim" = "target:node", "postgres:17" = "target:postgres" }
  tags       = ["electricsql/electric:1.4"]
}
