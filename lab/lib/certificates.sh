# shellcheck shell=bash
# The lab's certificate authority (hosts trust it, so that a registry can answer as Docker Hub) and the key that opens every host.

make_identity() {
  [ -e "$IDENTITY" ] || create_identity
  # A running lab needs nothing from the cache, which may be deleted under it.
  install -m 600 "$IDENTITY/key" "$RUN/key"
  install -m 644 "$IDENTITY/key.pub" "$IDENTITY/ca.crt" "$RUN/"
  [ -e "$RUN/registry.crt" ] || make_server_certificate registry "$(printf 'DNS:%s,' "${HUB_NAMES[@]}")IP:$GATEWAY"
}

create_identity() {
  local new=$IDENTITY.$$.new
  install -d -m 700 "$new"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=tend lab CA' \
    -keyout "$new/ca.key" -out "$new/ca.crt" 2>/dev/null
  ssh-keygen -q -t ed25519 -N '' -C 'tend lab' -f "$new/key"
  # Another lab with the same cache may have been faster: then its identity is ours.
  mv -T "$new" "$IDENTITY" 2>/dev/null || rm -rf "$new"
}

make_server_certificate() { # make_server_certificate NAME SUBJECT-ALT-NAMES
  local out=$RUN/$1
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$out.key" -out "$out.csr" 2>/dev/null
  openssl x509 -req -in "$out.csr" -CA "$IDENTITY/ca.crt" -CAkey "$IDENTITY/ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 825 \
    -extfile <(echo "subjectAltName=$2") -out "$out.crt.new" 2>/dev/null
  mv "$out.crt.new" "$out.crt"
}
