# shellcheck shell=bash
# Everything away, from any state: a healthy lab, half of one, or one whose processes were all killed.

tear_down() {
  local names
  if engine_answers; then
    names=$(timeout 10 docker ps -aq) || names=
    # shellcheck disable=SC2086
    [ -z "$names" ] || timeout 30 docker rm -f -v $names >/dev/null 2>&1 || true
  fi
  stop_group
  unmount_tree
  lower_network
  delete_scratch
  remove_cgroups
  remove_tree "$RUN"
}

# The hosts' disks go with them; the engine's images, the template and the registry's contents stay for the next `up`.
unmount_tree() {
  local volume
  if mountpoint -q "$POOL"; then
    for volume in "$POOL"/hosts/* "$POOL/hub" "$POOL/private" "$POOL"/*.new; do delete_volume "$volume"; done
  fi
  unmount_everything
  remove_tree "$STATE/disks"
}
