# shellcheck shell=bash
# What a lab could leave on a machine. Other labs, whose disks and containers come and go meanwhile, are not looked at.

traces() {
  {
    echo "mounts:"; awk '{print $2, $3}' /proc/self/mounts
    echo "namespaces:"; ls /run/netns 2>/dev/null
    echo "links:"; ip -o link | awk -F': ' '{print $2}' | sed 's/@.*//'
    echo "routes:"; ip route
    echo "rules:"; iptables-save 2>/dev/null | grep '^-A'
    echo "loop devices:"; losetup -l -n -O NAME,BACK-FILE
    echo "forwarding:"; sysctl net.ipv4.ip_forward
    echo "cgroups:"; find /sys/fs/cgroup -maxdepth 2 -type d -name "tend-lab*"
    echo "processes in other namespaces:"; foreign_processes
    echo "processes that know the lab:"; pgrep -af "tend-lab-$TEND_LAB_NAME" | grep -v self-test
    echo "shared memory:"; ls /dev/shm
  } | grep -vwE "$(other_labs)" | sort
}

other_labs() { # a pattern: their folders, interfaces and namespaces; each lab that was ever up has a lock file
  local lock name
  for lock in /run/tend-lab*.lock; do
    name=${lock#/run/tend-lab}; name=${name%.lock}
    [ "$name" = "-$TEND_LAB_NAME" ] || printf 'tend-lab%s([/ ].*)?$|%s(v0|br)?|' "$name" "$(sed 's/^-//; s/^$/tlab/' <<<"$name")"
  done
  echo nothing-else
}

foreign_processes() { # those of the lab's network namespaces, wherever they are filed
  local dir own arguments; own=$(readlink /proc/self/ns/net)
  for dir in /proc/[0-9]*; do
    [ "$(readlink "$dir/ns/net" 2>/dev/null || echo "$own")" != "$own" ] || continue
    ! grep -sE ':/tend-lab(-[a-z0-9]+)?(/|$)' "$dir/cgroup" | grep -qvE ":/tend-lab-$TEND_LAB_NAME(/|\$)" || continue
    arguments=$({ tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null)
    [ -z "$arguments" ] || echo "$arguments"
  done
}

leaves_nothing() { diff /tmp/tend-lab-before <(traces); }
