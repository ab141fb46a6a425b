# shellcheck shell=bash
# Two Debian root filesystems, made from packages: `debian` (under every image; the engine comes out of the same
# run) and `host` (a server). Kept in the cache under a key of everything that went into them.

HOST_PACKAGES=systemd,systemd-sysv,libpam-systemd,dbus,openssh-server,docker.io,docker-cli,docker-compose,docker-buildx,iptables,iproute2,cron,sudo,curl,ca-certificates,git,procps,less,kmod,e2fsprogs,tini
ENGINE_PACKAGES='docker.io docker-cli docker-buildx containerd docker-registry busybox-static'

# Nothing that a server of the lab reads, and half of the time to write it.
LEAN=(--variant=minbase --quiet '--aptopt=Acquire::Languages "none"' '--aptopt=Acquire::Retries "3"' --dpkgopt=force-unsafe-io
  '--dpkgopt=path-exclude=/usr/share/man/*' '--dpkgopt=path-exclude=/usr/share/doc/*' '--dpkgopt=path-exclude=/usr/share/locale/*')

# By contents alone, so that every checkout of the same files finds the same cache.
key_of() { # key_of FILE-OR-FOLDER… : a short digest of them and of this machine's extra certificate authorities
  {
    echo "$SUITE $(dpkg --print-architecture) $HOST_PACKAGES $ENGINE_PACKAGES"
    find "$@" /usr/local/share/ca-certificates -type f -exec sha256sum {} + 2>/dev/null | cut -d' ' -f1 | sort
  } | sha256sum | cut -c1-12
}

debian_key() { key_of "$LAB"/roots/{trust-what-the-machine-trusts,debian}; }
host_key() { key_of "$LAB"/roots/{trust-what-the-machine-trusts,host} "$IDENTITY/ca.crt"; }

build_debian_root() { # → CACHE/debian-KEY.tar.zst, CACHE/engine-KEY.tar.zst
  local key; key=$(debian_key)
  [ -e "$CACHE/debian-$key.tar.zst" ] && [ -e "$CACHE/engine-$key.tar.zst" ] && return
  rm -rf "$SCRATCH/engine"; mkdir -p "$SCRATCH/engine"
  ENGINE_PACKAGES=$ENGINE_PACKAGES ENGINE_ROOT=$SCRATCH/engine ENGINE_ARCHIVE=$CACHE/engine-$key.tar.zst \
    make_root debian "$key" --customize-hook="$LAB/roots/debian/unpack-engine" --include=ca-certificates
}

build_host_root() { # → CACHE/host-KEY.tar.zst
  local key; key=$(host_key)
  [ -e "$CACHE/host-$key.tar.zst" ] && return
  LAB_CA=$IDENTITY/ca.crt make_root host "$key" --customize-hook="$LAB/roots/host/configure" --include="$HOST_PACKAGES"
}

# What no lab has used for a week was made from other files than these; what is still "new" after an hour was given up.
tidy_cache() {
  touch -c "$CACHE"/{debian,engine}-"$(debian_key)".tar.zst "$CACHE/host-$(host_key).tar.zst" "$CACHE/registry-$(images_key).tar"
  find "$CACHE" -maxdepth 1 \( -name '*-*.tar*' -mtime +7 -o -name '*.new' -mmin +60 \) -exec rm -rf {} +
}

make_root() { # make_root NAME KEY MMDEBSTRAP-OPTION…
  local name=$1 archive=$CACHE/$1-$2.tar.zst; shift 2
  mkdir -p "$SCRATCH"
  # In a mount namespace of its own: what it mounts (the machine's /dev, /proc, /sys) goes when it is killed.
  TMPDIR=$SCRATCH attempt "root-$name" unshare --mount mmdebstrap "${LEAN[@]}" --customize-hook="$LAB/roots/trust-what-the-machine-trusts" "$@" \
    "$SUITE" "$SCRATCH/$name.tar" "$(debian_mirror)"
  zstd -q -1 -T0 -f "$SCRATCH/$name.tar" -o "$archive.$$.new"
  rm -f "$SCRATCH/$name.tar"
  mv "$archive.$$.new" "$archive"
  say "root filesystem of $name built"
}
