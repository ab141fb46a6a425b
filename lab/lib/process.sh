# shellcheck shell=bash
# Every process of the lab lives in one cgroup tree. Membership is inherited and survives kill -9 of
# any parent, so "ours" is a fact of the kernel instead of a pid file that may be stale or reused.

cgroup_hierarchy() { # the one hierarchy that the lab's own daemons are filed under
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup
  elif [ -d /sys/fs/cgroup/unified ]; then echo /sys/fs/cgroup/unified
  else echo /sys/fs/cgroup/systemd; fi
}

cgroup_dir() { # cgroup_dir GROUP : made when missing
  local dir; dir=$(cgroup_hierarchy)/$CGROUP/$1
  mkdir -p "$dir"; echo "$dir"
}

processes_of() { # processes_of [GROUP] : pids, in whatever hierarchy they are filed; the dead that nobody has reaped don't count
  local pid
  { grep -lE ":/$CGROUP${1:+/$1}(/|\$)" /proc/[0-9]*/cgroup 2>/dev/null || true; } | cut -d/ -f3 |
    while read -r pid; do grep -q '^State:.[ZX]' "/proc/$pid/status" 2>/dev/null || echo "$pid"; done
}

start_daemon() { # start_daemon NAME COMMAND… : detached, in a cgroup of that name, logging to RUN/log/NAME
  local name=$1 group; shift
  group=$(cgroup_dir "$name"); mkdir -p "$RUN/log"
  # shellcheck disable=SC2016
  setsid --fork bash -c 'echo $$ >"$1/cgroup.procs" || exit 1; shift; exec "$@"' daemon "$group" "$@" \
    >>"$RUN/log/$name" 2>&1 </dev/null
}

daemon_runs() { [ -n "$(processes_of "$1")" ]; }

signal_group() { # signal_group SIGNAL [GROUP]
  local pid
  for pid in $(processes_of "${2:-}"); do kill "-$1" "$pid" 2>/dev/null || true; done
}

# Asks, waits five seconds, then kills; again and again, as a dying parent may still fork.
# Never called from inside the group.
stop_group() { # stop_group [GROUP]
  local tries
  signal_group TERM "${1:-}"
  for tries in $(seq 150); do
    [ -n "$(processes_of "${1:-}")" ] || return 0
    [ "$tries" -lt 50 ] || signal_group KILL "${1:-}"
    sleep 0.1
  done
  die "these processes can't be killed: $(processes_of "${1:-}" | xargs)"
}

# Work that a command starts (apt, mmdebstrap) belongs to the lab, too, and ends with the command; if that was killed, with the next one.
join_work_group() { echo $$ >"$(cgroup_dir work)/cgroup.procs"; }
leave_work_group() { echo $$ >"$(cgroup_hierarchy)/cgroup.procs"; stop_group work; }

remove_cgroups() {
  find /sys/fs/cgroup -mindepth 1 -depth -type d -path "*/$CGROUP*" 2>/dev/null |
    grep -E "/$CGROUP(/|\$)" | xargs -r rmdir 2>/dev/null || true
}
