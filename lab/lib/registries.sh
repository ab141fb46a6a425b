# shellcheck shell=bash
# Two registries: `hub` answers over TLS as Docker Hub, ghcr.io and quay.io; `private` wants a password.
# Both start from what the images' build pushed, and forget on `down` what a test pushed.

start_hub() {
  write_registry_config hub "$GATEWAY:443" "$POOL/hub" "tls: {certificate: $RUN/registry.crt, key: $RUN/registry.key}"
  start_registry hub
}

start_private_registry() {
  [ -e "$RUN/private-password" ] || openssl rand -hex 8 >"$RUN/private-password"
  htpasswd -iBn "$PRIVATE_USER" <"$RUN/private-password" >"$RUN/htpasswd" 2>/dev/null
  write_registry_config private "$PRIVATE_REGISTRY" "$POOL/private" '' "auth: {htpasswd: {realm: tend-lab, path: $RUN/htpasswd}}"
  start_registry private
}

write_registry_config() { # write_registry_config NAME ADDRESS ROOT HTTP-EXTRA [EXTRA]
  cat >"$RUN/$1-registry.yml" <<-EOF
	version: 0.1
	log: {level: warn, accesslog: {disabled: true}}
	storage: {filesystem: {rootdirectory: $3}, delete: {enabled: true}}
	http: {addr: "$2", secret: lab${4:+, $4}}
	${5:-}
	EOF
}

start_registry() {
  daemon_runs "$1" || start_daemon "$1" nsenter --net="/run/netns/$LAB_NAME" docker-registry serve "$RUN/$1-registry.yml"
}

port_is_open() { (: <>"/dev/tcp/$1/$2") 2>/dev/null; }
await_port() { # await_port ADDRESS PORT
  within 30 port_is_open "$1" "$2" || die "nothing listens on $1:$2"
}
