# shellcheck shell=bash
# The outer Docker Engine: it runs the hosts (each a privileged container with systemd) and nothing else.

unpack_engine() {
  local key; key=$(debian_key)
  [ "$(cat "$ENGINE/key" 2>/dev/null)" = "$key" ] && return
  rm -rf "$ENGINE" "$ENGINE.new"; mkdir -p "$ENGINE.new"
  zstd -dc "$CACHE/engine-$key.tar.zst" | tar -x -C "$ENGINE.new"
  echo "$key" >"$ENGINE.new/key"
  mv "$ENGINE.new" "$ENGINE"
}

# A busy machine may take its time; an engine that is gone refuses at once.
engine_answers() { timeout 30 docker version >/dev/null 2>&1; }

# start_engine NAME DATA-ROOT none|BRIDGE [PREFIX…] : listens on RUN/NAME.sock; the machine's own /etc/docker/daemon.json is kept out of it.
start_engine() {
  local name=$1 socket=$RUN/$1.sock data=$2 bridge=$3; shift 3
  local network=(--bridge "$bridge"); [ "$bridge" = none ] || network+=(--fixed-cidr "$BUILD_RANGE")
  rm -f "$RUN/$name.pid" "$socket"; echo '{}' >"$RUN/$name.json"
  start_daemon "$name" nsenter --net="/run/netns/$LAB_NAME" "$@" dockerd --config-file "$RUN/$name.json" --data-root "$data" \
    --exec-root "$RUN/$name" --pidfile "$RUN/$name.pid" --host "unix://$socket" --storage-driver overlay2 \
    "${network[@]}" --iptables=false --userland-proxy=false --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$CGROUP"
  DOCKER_HOST=unix://$socket within 60 engine_answers && return
  tail -n 20 "$RUN/log/$name" >&2; die "the $name engine did not start; if it never does: lab/down --purge, and up again"
}

raise_engine() {
  mkdir -p "$DOCKER_CONFIG/cli-plugins"
  ln -sf "$ENGINE"/usr/libexec/docker/cli-plugins/* "$DOCKER_CONFIG/cli-plugins/"
  engine_answers || start_engine engine "$POOL/engine" none
  docker network inspect hosts >/dev/null 2>&1 ||
    docker network create --subnet "$LAB_NET.0/24" --gateway "$GATEWAY" -o "com.docker.network.bridge.name=$LAB_BRIDGE" hosts >/dev/null
}

# What the running lab was made of. It stays as it is while others use it, even if the files in lab/ change meanwhile.
built_from() { echo "$(debian_key) $(host_key) $(images_key)"; }
lab_is_ready() { [ -e "$RUN/ready" ] && engine_answers && network_is_up; }
