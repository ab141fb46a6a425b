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
    echo "cgroups:"; find /sys/fs/cgroup -type d -name "tend-lab*"
    echo "processes in other namespaces:"; foreign_processes
    echo "processes that know the lab:"; pgrep -af "tend-lab-$TEND_LAB_NAME" | grep -v self-test
    echo "shared memory:"; ls /dev/shm
  } | grep -vE '/tend-lab/|/tend-lab$|tlab(v0|br)|^tlab$' | sort
}

foreign_processes() {
  local pid own; own=$(readlink /proc/self/ns/net)
  for pid in /proc/[0-9]*; do
    [ "$(readlink "$pid/ns/net" 2>/dev/null || echo "$own")" = "$own" ] && continue
    grep -qsE ':/tend-lab(/|$)' "$pid/cgroup" || { tr '\0' ' ' <"$pid/cmdline" 2>/dev/null; echo; }
  done
}

leaves_nothing() { diff /tmp/tend-lab-before <(traces); }
