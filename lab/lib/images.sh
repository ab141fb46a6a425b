# shellcheck shell=bash
# The images that the hosts have: built once, pushed to the hub registry, kept in the cache as that registry's
# contents (so digests stay the same from run to run), and pulled into the template of every host's /var/lib/docker.

images_key() { key_of "$LAB/images" "$LAB"/roots/{trust-what-the-machine-trusts,debian}; }

prepare_images() {
  local key; key=$(images_key)
  if [ "$(cat "$POOL/images.key" 2>/dev/null)" != "$key" ]; then
    rm -f "$POOL/images.key"
    if [ -e "$CACHE/registry-$key.tar" ]; then fetch_registry "$key"; else new_volume "$POOL/hub"; fi
    start_hub
    await_port "$GATEWAY" 443
    make_template "$key"
    echo "$key" | publish "$POOL/images.key"
    say "images ready"
  elif ! daemon_runs hub; then
    copy_volume "$POOL/hub.seed" "$POOL/hub"
    start_hub
  fi
}

fetch_registry() { # cache → hub.seed → hub
  new_volume "$POOL/hub.seed.new"
  tar -C "$POOL/hub.seed.new" -xf "$CACHE/registry-$1.tar"
  delete_volume "$POOL/hub.seed"; mv "$POOL/hub.seed.new" "$POOL/hub.seed"
  copy_volume "$POOL/hub.seed" "$POOL/hub"
}

store_registry() { # hub → hub.seed, cache
  copy_volume "$POOL/hub" "$POOL/hub.seed.new"
  delete_volume "$POOL/hub.seed"; mv "$POOL/hub.seed.new" "$POOL/hub.seed"
  tar -C "$POOL/hub.seed" -cf "$CACHE/registry-$1.tar.$$.new" .
  mv "$CACHE/registry-$1.tar.$$.new" "$CACHE/registry-$1.tar"
}

# An engine that is thrown away afterwards and that takes the lab's registry for Docker Hub.
make_template() {
  local key=$1 volume=$POOL/template.new
  new_volume "$volume"
  { cat /etc/hosts; printf "$GATEWAY %s\n" "${HUB_NAMES[@]}"; } >"$RUN/builder-hosts"
  # shellcheck disable=SC2016
  SSL_CERT_FILE=$RUN/ca.crt start_engine builder "$volume" "$LAB_BRIDGE" \
    unshare --mount --propagation slave sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$RUN/builder-hosts"
  (
    export DOCKER_HOST=unix://$RUN/builder.sock
    if [ ! -e "$POOL/hub/images.txt" ]; then build_images; store_registry "$key"
    else xargs -P 3 -n 1 docker pull -q <"$POOL/hub/images.txt" >/dev/null; fi
  )
  cp "$POOL/hub/images.txt" "$POOL/images.txt"
  stop_group builder
  delete_volume "$POOL/template"; mv "$volume" "$POOL/template"
}

build_images() {
  local parts; parts=$SCRATCH/parts
  rm -rf "$parts"; mkdir -p "$parts"
  fetch_node "$parts" & local node=$!
  cp "$ENGINE/usr/bin/busybox" "$parts/"
  zstd -dc "$CACHE/debian-$(debian_key).tar.zst" | docker import -c 'CMD ["bash"]' - debian:trixie-slim >/dev/null
  wait "$node"
  PARTS=$parts attempt images docker buildx bake --progress=plain -f "$LAB/images/bake.hcl" --set "*.context=$LAB/images"
  rm -rf "$parts"
  docker builder prune -af >/dev/null; docker image prune -f >/dev/null
  docker images --format '{{.Repository}}:{{.Tag}}' | sort >"$RUN/images.txt"
  say "images built"
  # Layers below first: pushed at the same time, images that share one would each compress it.
  docker push -q debian:trixie-slim >/dev/null
  docker push -q node:24-slim >/dev/null
  xargs -P 3 -n 1 docker push -q <"$RUN/images.txt" >/dev/null
  mv "$RUN/images.txt" "$POOL/hub/images.txt"
}

# Node's own binary is to be had as an npm package; there is no image registry to take it from.
fetch_node() {
  local arch; case $(dpkg --print-architecture) in amd64) arch=x64 ;; *) arch=arm64 ;; esac
  (
    cd "$1" || exit
    attempt npm-pack npm pack --silent "node-linux-$arch@24" npm@11
    mkdir node npm
    tar -xzf node-linux-*.tgz -C node --strip-components 1
    tar -xzf npm-*.tgz -C npm --strip-components 1
    rm ./*.tgz
  )
}
