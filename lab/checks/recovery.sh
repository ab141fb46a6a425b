# shellcheck shell=bash
# Whatever was killed, the next `up` makes a lab of it, and `down` takes all of it away.

check_recovery() {
  local delay
  check "everything killed at once: up recovers" recovers kill_everything
  check "only the engine killed: up recovers" recovers kill_matching '^dockerd '
  check "only a registry killed: up recovers" recovers kill_matching '^docker-registry '
  check "a host that stopped answering is made anew" recovers kill_host
  for delay in 0.3 0.8 1.3 2 3; do
    "$LAB/down" >/dev/null
    check "up killed after $delay s: the next one works" eventually_up "$delay"
  done
  kill_everything
}

ours() { grep -lE ":/tend-lab-$TEND_LAB_NAME(/|\$)" /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3; }

kill_everything() { local round; for round in 1 2 3; do ours | xargs -r kill -9 2>/dev/null; sleep "0.$round"; done; true; }

kill_matching() { # kill_matching PATTERN : of the lab's own processes, by what they run
  local pid
  for pid in $(ours); do
    # The engine inside a host is a dockerd too, in a cgroup deeper than the lab's own.
    grep -qE "/tend-lab-$TEND_LAB_NAME/(engine|hub)\$" "/proc/$pid/cgroup" && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qE "$1" && kill -9 "$pid"
  done
  true
}

kill_host() { on h1 'systemctl mask --now ssh.socket ssh.service; rm -f /root/.ssh/authorized_keys' || true; }

recovers() { "$@"; "$LAB/up" 1 && on h1 docker run --rm busybox true && on h1 docker pull -q busybox; }

killed_up() { # killed_up SECONDS : together with all that it started
  setsid "$LAB/up" 1 >/dev/null 2>&1 & local up=$!
  sleep "$1"
  kill -9 -- "-$up" 2>/dev/null
  kill_everything
}

eventually_up() { killed_up "$1"; recovers true; }
