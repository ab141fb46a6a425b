# shellcheck shell=bash
# A network namespace of the lab's own. A second dockerd in the machine's namespace would delete or
# rewrite docker0 and its rules; in here it can't. The machine gets one link, one route, four rules.

# `ip netns exec` would remount /sys and hide the cgroup mounts from the engine.
in_lab_net() { nsenter --net="/run/netns/$LAB_NAME" "$@"; }

network_is_up() { [ -e "/run/netns/$LAB_NAME" ] && in_lab_net ip link show "$LAB_BRIDGE" up 2>/dev/null | grep -q . && ip link show "$VETH" up 2>/dev/null | grep -q .; }

raise_network() {
  network_is_up && return
  lower_network
  local taken; taken=$(ip -o route show "$LAB_NET.0/24")
  [ -z "$taken" ] || die "$LAB_NET.0/24 is in use on this machine ($taken); choose another with TEND_LAB_NET"
  ip netns add "$LAB_NAME"
  ip link add "$VETH" type veth peer name uplink netns "$LAB_NAME"
  ip addr add "$TRANSIT.1/30" dev "$VETH"
  ip link set "$VETH" up
  ip -n "$LAB_NAME" link set lo up
  ip -n "$LAB_NAME" addr add "$TRANSIT.2/30" dev uplink
  ip -n "$LAB_NAME" link set uplink up
  ip -n "$LAB_NAME" route add default via "$TRANSIT.1"
  ip -n "$LAB_NAME" link add "$LAB_BRIDGE" type bridge
  ip -n "$LAB_NAME" addr add "$GATEWAY/24" dev "$LAB_BRIDGE"
  ip -n "$LAB_NAME" link set "$LAB_BRIDGE" up
  ip route add "$LAB_NET.0/24" via "$TRANSIT.2"
  in_lab_net sysctl -qw net.ipv4.ip_forward=1
  allow_forwarding
  each_rule add_rule
}

lower_network() {
  each_rule delete_rule
  ip link del "$VETH" 2>/dev/null || true
  ip netns del "$LAB_NAME" 2>/dev/null || true
  # `ip netns` mounts this folder on itself, and leaves that behind.
  [ -n "$(ls /run/netns 2>/dev/null)" ] || umount /run/netns 2>/dev/null || true
  disallow_forwarding
}

each_rule() { # each_rule DO
  "$1" nat POSTROUTING -s "$LAB_NET.0/24" ! -o "$VETH" -j MASQUERADE
  "$1" nat POSTROUTING -s "$TRANSIT.0/30" ! -o "$VETH" -j MASQUERADE
  "$1" filter FORWARD -i "$VETH" -j ACCEPT
  "$1" filter FORWARD -o "$VETH" -j ACCEPT
}

add_rule() { local table=$1 chain=$2; shift 2; iptables -w -t "$table" -I "$chain" "$@"; }
delete_rule() { local table=$1 chain=$2; shift 2; while iptables -w -t "$table" -D "$chain" "$@" 2>/dev/null; do :; done; }

allow_forwarding() {
  [ "$(sysctl -n net.ipv4.ip_forward)" = 1 ] && return
  touch "$RUN/forwarding-was-off"
  sysctl -qw net.ipv4.ip_forward=1
}

# Turned off again only when nobody else can be using it by now: another lab, or a Docker installed meanwhile.
disallow_forwarding() {
  [ -e "$RUN/forwarding-was-off" ] || return 0
  local heirs; heirs=$(ip -o link show type bridge; ip -o link show type veth)
  [ -n "$heirs" ] || sysctl -qw net.ipv4.ip_forward=0
  rm -f "$RUN/forwarding-was-off"
}
