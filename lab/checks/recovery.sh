# shellcheck shell=bash
# Whatever was killed, the next `up` makes a lab of it, and `down` takes all of it away.

check_recovery() {
  local delay
  check "everything killed at once: up recovers" recovers kill_everything
  check "only the engine killed: up recovers" recovers kill_daemon engine dockerd
  check "only a registry killed: up recovers" recovers kill_daemon hub docker-registry
  check "a host that stopped answering is made anew" recovers kill_host
  for delay in 0.3 0.8 1.3 2 3; do
    "$LAB/down" >/dev/null
    check "up killed after $delay s: the next one works" eventually_up "$delay"
  done
  kill_everything
}

kill_everything() { local round; for round in 1 2 3; do kill_group; sleep "0.$round"; done; }

kill_daemon() { # kill_daemon NAME PROGRAM : that process alone, not what it has started
  local pid program
  for pid in $(processes_of "$1"); do
    { IFS= read -rd '' program <"/proc/$pid/cmdline"; } 2>/dev/null
    # The engines inside the hosts were started as /usr/sbin/dockerd.
    [ "$program" != "$2" ] || kill -9 "$pid"
  done
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
