# shellcheck shell=bash
# How others find the hosts: an ssh configuration with the real host keys, and lab.json for programs.

host_names() { local dir; for dir in "$RUN"/hosts/*/; do [ ! -e "$dir/address" ] || basename "$dir"; done; }

publish() { # publish FILE : stdin becomes FILE at once or not at all
  cat >"$1.new"; mv "$1.new" "$1"
}

write_ssh_config() {
  local name address
  cat "$RUN"/hosts/*/known_hosts 2>/dev/null | publish "$RUN/known_hosts"
  {
    for name in $(host_names); do
      address=$(cat "$RUN/hosts/$name/address")
      printf 'Host %s-ops\n  HostName %s\n  User ops\nHost %s %s\n  HostName %s\n  User root\n' "$name" "$address" "$name" "$address" "$address"
    done
    printf 'Host %s.* %s\n' "$LAB_NET" "$(host_names | awk '{printf "%s %s-ops ", $1, $1}')"
    printf '  User root\n  IdentityFile %s\n  IdentitiesOnly yes\n' "$RUN/key"
    printf '  StrictHostKeyChecking yes\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n' "$RUN/known_hosts"
  } | publish "$RUN/ssh_config"
}

write_descriptor() {
  {
    printf '{\n  "hosts": [%s],\n' "$(for name in $(host_names); do printf '{"name":"%s","address":"%s"}\n' "$name" "$(cat "$RUN/hosts/$name/address")"; done | paste -sd,)"
    printf '  "sshConfig": "%s",\n  "ca": "%s",\n' "$RUN/ssh_config" "$RUN/ca.crt"
    printf '  "registry": {"address":"%s","user":"%s","password":"%s"},\n' "$PRIVATE_REGISTRY" "$PRIVATE_USER" "$(cat "$RUN/private-password")"
    printf '  "engine": {"socket":"%s","client":"%s"},\n  "netns": "%s",\n' "$RUN/engine.sock" "$ENGINE/usr/bin/docker" "/run/netns/$LAB_NAME"
    printf '  "images": [%s]\n}\n' "$(sed 's/.*/"&"/' "$POOL/images.txt" | paste -sd,)"
  } | publish "$RUN/lab.json"
}
