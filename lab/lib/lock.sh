# shellcheck shell=bash
# One lab command at a time.

# Run the calling script again under a lock. The lock belongs to a `flock` process around it and not to
# the script, since the engine and everything else started here would inherit the descriptor and hold it for ever.
once_at_a_time() {
  [ "${TEND_LAB_LOCKED:-}" = "$LAB_NAME" ] && return
  [ "$(id -u)" = 0 ] || die "only root can make network namespaces and mounts: run it with sudo"
  export TEND_LAB_LOCKED=$LAB_NAME
  mkdir -p "$(dirname "$RUN")"
  flock --nonblock --close --conflict-exit-code 75 "$RUN.lock" "$0" "$@" && exit 0
  local code=$?
  [ "$code" = 75 ] || exit "$code"
  echo "lab: another lab command is at work; waiting for it" >&2
  exec flock --close "$RUN.lock" "$0" "$@"
}
