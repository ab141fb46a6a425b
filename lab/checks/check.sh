# shellcheck shell=bash
# A check is a sentence and a command; its output is shown only when the sentence isn't true.

check() { # check SENTENCE COMMAND…
  local sentence=$1 output; shift
  checked=$((checked + 1))
  if output=$("$@" 2>&1); then printf '✔ %s%s\n' "$sentence" "$([ "$1" != timed ] || echo "  ${output##*$'\n'}")"
  else failed=$((failed + 1)); printf '✖ %s\n%s\n' "$sentence" "$(tail -n 12 <<<"$output" | sed 's/^/    /')"; fi
}

timed() { # says in its last line how long the command took
  local start=${EPOCHREALTIME/./} code
  "$@"; code=$?
  printf '%d.%01d s\n' $(((${EPOCHREALTIME/./} - start) / 1000000)) $(((${EPOCHREALTIME/./} - start) / 100000 % 10))
  return "$code"
}

refused() { # refused PATTERN COMMAND… : fails, and says so in these words
  local pattern=$1 output; shift
  if output=$("$@" 2>&1); then echo "it was not refused: $output"; return 1; fi
  grep -qiE -- "$pattern" <<<"$output" || { echo "refused otherwise: $output"; return 1; }
}

eventually() { # eventually COMMAND… : within ten seconds
  local try
  for try in $(seq 50); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "not after ten seconds (try $try):"; "$@"
}

on() { local host=$1; shift; ssh -n -F "$RUN/ssh_config" -o BatchMode=yes "$host" "$@"; }
send() { ssh -F "$RUN/ssh_config" -o BatchMode=yes "$1" "cat > $2"; }
