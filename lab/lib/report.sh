# shellcheck shell=bash
# What a lab command says.

say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# `set -e` alone would end a command without a word.
set -E
trap 'echo "lab: this failed: $BASH_COMMAND (${BASH_SOURCE[0]##*/}:$LINENO)" >&2' ERR

# within SECONDS COMMAND… : again and again until it succeeds or the time is up.
within() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return
    sleep 0.05
  done
}

# attempt LOG COMMAND… : quiet unless it fails, because the tail of a log is all that helps then.
attempt() {
  local log=$RUN/log/$1; shift
  mkdir -p "$RUN/log"
  "$@" >"$log" 2>&1 || { tail -n 25 "$log" >&2; die "failed: $1 (whole log: $log)"; }
}
