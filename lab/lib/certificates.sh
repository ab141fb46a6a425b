# shellcheck shell=bash
# The lab's certificate authority (hosts trust it, so that a registry can answer as Docker Hub) and the key that opens every host.

make_certificates() {
  local ca=$CACHE/ca
  if [ ! -e "$ca/ca.crt" ]; then
    rm -rf "$ca.new"; install -d -m 700 "$ca.new"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=tend lab CA' \
      -keyout "$ca.new/ca.key" -out "$ca.new/ca.crt" 2>/dev/null
    mv "$ca.new" "$ca"
  fi
  if [ ! -e "$CACHE/key" ]; then
    rm -rf "$CACHE/key.new" "$CACHE/key.new.pub"
    ssh-keygen -q -t ed25519 -N '' -C 'tend lab' -f "$CACHE/key.new"
    mv "$CACHE/key.new.pub" "$CACHE/key.pub"; mv "$CACHE/key.new" "$CACHE/key"
  fi
  # A running lab needs nothing from the cache, which may be deleted under it.
  install -m 600 "$CACHE/key" "$RUN/key"; install -m 644 "$CACHE/key.pub" "$RUN/key.pub"; install -m 644 "$ca/ca.crt" "$RUN/ca.crt"
  [ -e "$RUN/registry.crt" ] || make_server_certificate registry "$(printf 'DNS:%s,' "${HUB_NAMES[@]}")IP:$GATEWAY"
}

make_server_certificate() { # make_server_certificate NAME SUBJECT-ALT-NAMES
  local out=$RUN/$1 ca=$CACHE/ca
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$out.key" -out "$out.csr" 2>/dev/null
  openssl x509 -req -in "$out.csr" -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 825 \
    -extfile <(echo "subjectAltName=$2") -out "$out.crt.new" 2>/dev/null
  mv "$out.crt.new" "$out.crt"
}
