# shellcheck shell=bash
# The Debian packages that the machine itself must have. None of them starts a service.

install_packages() {
  local missing=() pair
  for pair in mmdebstrap:mmdebstrap ssh:openssh-client ssh-keygen:openssh-client mkfs.btrfs:btrfs-progs mkfs.ext4:e2fsprogs \
    iptables:iptables ip:iproute2 sysctl:procps runc:runc openssl:openssl htpasswd:apache2-utils zstd:zstd npm:npm; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ "${#missing[@]}" = 0 ] && return
  # An earlier run that was killed may have left dpkg in the middle of its work.
  dpkg --audit | grep -q . && attempt dpkg dpkg --configure -a
  attempt apt-update patiently apt-get -qq update
  attempt apt-install patiently env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}"
  say "packages installed: ${missing[*]}"
}

# Mirrors have bad moments and unattended upgrades hold the lock: neither is a reason to give up.
patiently() { # patiently APT-COMMAND…
  local try
  for try in 1 2 3 4; do
    "$@" -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 && return
    sleep $((try * try * 2))
  done
  return 1
}

# The mirror that apt already uses, so that no host name stands in this project.
debian_mirror() {
  local mirror=${TEND_LAB_MIRROR:-}
  # shellcheck disable=SC2016
  [ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort | uniq -c | sort -rn | awk 'NR == 1 {print $2}')
  [ -n "$mirror" ] || die "apt has no Debian mirror here: set TEND_LAB_MIRROR"
  echo "$mirror"
}
