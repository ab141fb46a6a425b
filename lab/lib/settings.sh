# shellcheck shell=bash disable=SC2034
# Where one lab lives. All names derive from TEND_LAB_NAME and all addresses from TEND_LAB_NET,
# so that a second lab can stand beside the first (the self-test does that).

LAB_NAME=${TEND_LAB_NAME:-tlab}
LAB_NET=${TEND_LAB_NET:-10.77.0}
SUITE=trixie

[[ $LAB_NAME =~ ^[a-z][a-z0-9]{0,9}$ ]] || { echo "TEND_LAB_NAME: up to ten lower-case letters and digits, not '$LAB_NAME'" >&2; exit 2; }
[[ $LAB_NET =~ ^[0-9]+\.([0-9]+)\.[0-9]+$ && ${BASH_REMATCH[1]} -gt 0 ]] || { echo "TEND_LAB_NET: the first three numbers of a /24, like 10.77.0, not '$LAB_NET'" >&2; exit 2; }

SUFFIX=; [ "$LAB_NAME" = tlab ] || SUFFIX=-$LAB_NAME
CACHE=${TEND_LAB_CACHE:-${HOME:-/root}/.cache/tend-lab-v1}
STATE=${TEND_LAB_STATE:-/var/lib/tend-lab$SUFFIX}
RUN=${TEND_LAB_RUN:-/run/tend-lab$SUFFIX}

IDENTITY=$CACHE/identity          # certificate authority and ssh key
POOL=$STATE/pool                  # everything the engines store; btrfs where the kernel has it
ENGINE=$STATE/engine              # Docker Engine, client and plugins, unpacked, never installed
CGROUP=tend-lab$SUFFIX            # every process of the lab is in here: that is how it is known as ours

# Root filesystems hold a hundred thousand small files: memory is where to make them, if there is enough of it.
SCRATCH=$STATE/scratch
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n1)" -ge 3000000 ] 2>/dev/null; then SCRATCH=/dev/shm/$CGROUP; fi

# The kernel allows an interface 15 characters, hence the short name.
VETH=${LAB_NAME}v0
LAB_BRIDGE=${LAB_NAME}br
BUILD_RANGE=$LAB_NET.192/26       # hosts stay below it
GATEWAY=$LAB_NET.1
IFS=. read -r a b c <<<"$LAB_NET"; TRANSIT=$a.$((b - 1)).$c; unset a b c

HUB_NAMES=(registry-1.docker.io ghcr.io quay.io)
PRIVATE_REGISTRY=$GATEWAY:5000
PRIVATE_USER=lab

export DOCKER_HOST=unix://$RUN/engine.sock DOCKER_CONFIG=$RUN/docker-config
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_DEFAULT_PLATFORM
PATH=$ENGINE/usr/bin:$ENGINE/usr/sbin:$PATH:/usr/sbin:/sbin
