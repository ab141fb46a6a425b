# shellcheck shell=bash
# A host: a privileged container with systemd, sshd and its own Docker Engine; /var/lib/docker is a snapshot of the template.

build_host_image() {
  local key; key=$(host_key)
  if ! docker image inspect "host:$key" >/dev/null 2>&1; then
    zstd -dc "$CACHE/host-$key.tar.zst" |
      docker import -c 'ENV container=docker' -c 'STOPSIGNAL SIGRTMIN+3' -c 'CMD ["/sbin/init"]' - "host:$key" >/dev/null
    say "host image imported"
  fi
  docker tag "host:$key" host:current
  docker images host --format '{{.Repository}}:{{.Tag}}' |
    { grep -vx -e "host:$key" -e host:current || true; } | xargs -r docker rmi >/dev/null
}

address_of() { # h1 … h8 have fixed addresses; any other name keeps the one it first got
  local name=$1 last
  if [[ $name =~ ^h([1-8])$ ]]; then echo "$LAB_NET.$((10 + BASH_REMATCH[1]))"; return; fi
  if [ -e "$RUN/hosts/$name/address" ]; then cat "$RUN/hosts/$name/address"; return; fi
  for last in $(seq 20 190); do
    grep -qsx "$LAB_NET.$last" "$RUN"/hosts/*/address || { echo "$LAB_NET.$last"; return; }
  done
}

create_host() { # create_host NAME [DISK-SIZE]
  local name=$1 size=${2:-} address docker_dir hub names=()
  delete_host "$name"
  address=$(address_of "$name")
  if [ -n "$size" ]; then docker_dir=$(new_disk "$name" "$size")
  else docker_dir=$POOL/hosts/$name; mkdir -p "$POOL/hosts"; copy_volume "$POOL/template" "$docker_dir"; fi
  for hub in "${HUB_NAMES[@]}"; do names+=(--add-host "$hub:$GATEWAY"); done
  docker create --name "$name" --hostname "$name" --network hosts --ip "$address" --privileged --cgroupns=private --restart unless-stopped \
    --tmpfs /run --tmpfs /run/lock --tmpfs /tmp:exec "${names[@]}" -v "$docker_dir:/var/lib/docker" -v /var/lib/containerd host:current >/dev/null
  introduce_host "$name" "$address" | docker cp -q -a - "$name:/"
  docker start "$name" >/dev/null
}

# What makes this host this one: ssh host keys of its own, who may enter, and where its engine asks for names.
introduce_host() { # prints a tar
  local dir=$RUN/hosts/$1 seed=$RUN/hosts/$1/seed
  rm -rf "$dir"; mkdir -p "$seed"/{etc/ssh,etc/docker,root/.ssh,home/ops/.ssh}
  ssh-keygen -q -t ed25519 -N '' -C "root@$1" -f "$seed/etc/ssh/ssh_host_ed25519_key"
  echo "$1,$2 $(cut -d' ' -f1,2 "$seed/etc/ssh/ssh_host_ed25519_key.pub")" >"$dir/known_hosts"
  install -m 600 "$RUN/key.pub" "$seed/root/.ssh/authorized_keys"
  install -m 600 -o 1000 -g 1000 "$RUN/key.pub" "$seed/home/ops/.ssh/authorized_keys"
  printf '{"storage-driver": "overlay2", "insecure-registries": ["%s"]%s}\n' "$PRIVATE_REGISTRY" "$(engine_dns)" >"$seed/etc/docker/daemon.json"
  echo "$2" >"$dir/address"
  (cd "$seed" && find . -type f -print0 | tar -c --null --no-recursion -T -)
  rm -rf "$seed"
}

# The engine in a host can't hand the host's own 127.0.0.11 to a build, and would fall back to a public resolver.
engine_dns() {
  local servers; servers=$(awk '$1 == "nameserver" && $2 !~ /^127\.|:/ {printf "%s\"%s\"", sep, $2; sep = ", "}' /etc/resolv.conf)
  [ -z "$servers" ] || printf ', "dns": [%s]' "$servers"
}

host_is_well() { # answers over ssh, engine included
  [ -e "$RUN/hosts/$1/address" ] &&
    ssh -F "$RUN/ssh_config" -o ConnectTimeout=15 -o BatchMode=yes "$1" 'docker version >/dev/null 2>&1' 2>/dev/null
}

await_host() {
  within 90 host_is_well "$1" && return
  docker logs "$1" 2>&1 | tail -n 20 >&2
  die "host $1 did not come up"
}

delete_host() {
  docker rm -f -v "$1" >/dev/null 2>&1 || true
  delete_volume "$POOL/hosts/$1"
  delete_disk "$1"
}

forget_host() { delete_host "$1"; rm -rf "$RUN/hosts/$1"; }
