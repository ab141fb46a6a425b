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

# Reads without a fork, so that the answer still holds when it is acted on: on a busy machine a process id is soon another's.
is_ours() { # is_ours PID [GROUP] : in whatever hierarchy it is filed; the dead that nobody has reaped don't count
  local groups='' status=''
  { IFS= read -rd '' groups <"/proc/$1/cgroup"; } 2>/dev/null || true
  [[ $groups =~ :/$CGROUP${2:+/$2}(/|$'\n') ]] || return 1
  { read -r status <"/proc/$1/stat"; } 2>/dev/null || return 1
  [[ ${status##*) } != [ZX]* ]]
}

processes_of() { # processes_of [GROUP] : pids
  local dir
  for dir in /proc/[0-9]*; do ! is_ours "${dir#/proc/}" "${1:-}" || echo "${dir#/proc/}"; done
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
  for pid in $(processes_of "${2:-}"); do ! is_ours "$pid" "${2:-}" || kill "-$1" "$pid" 2>/dev/null || true; done
}

kill_group() { # kill_group [GROUP] : the kernel does it at one stroke, where it can
  local switch; switch=$(cgroup_hierarchy)/$CGROUP/${1:-}/cgroup.kill
  [ ! -e "$switch" ] || echo 1 >"$switch"
  signal_group KILL "${1:-}"
}

# Asks, waits five seconds, then kills; again and again, as a dying parent may still fork.
# Never called from inside the group.
stop_group() { # stop_group [GROUP]
  local tries
  signal_group TERM "${1:-}"
  for tries in $(seq 150); do
    [ -n "$(processes_of "${1:-}")" ] || return 0
    [ "$tries" -lt 50 ] || kill_group "${1:-}"
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
