# shellcheck shell=bash
# Copies of /var/lib/docker in no time: a btrfs loop file, whose snapshots cost nothing.
# Where the kernel has no btrfs or no loop devices, plain folders and cp do the same slowly.

raise_pool() {
  mountpoint -q "$POOL" && return
  mkdir -p "$POOL"
  if [ ! -e "$STATE/pool.img" ]; then
    truncate -s "${TEND_LAB_POOL_SIZE:-40G}" "$STATE/pool.img.new"
    mkfs.btrfs -q "$STATE/pool.img.new" >/dev/null
    mv "$STATE/pool.img.new" "$STATE/pool.img"
  fi
  mount -o loop,noatime,discard=async "$STATE/pool.img" "$POOL" 2>/dev/null || say "no btrfs or no loop devices here: copying instead of snapshots"
}

new_volume() { delete_volume "$1"; btrfs -q subvolume create "$1" >/dev/null 2>&1 || mkdir -p "$1"; }

copy_volume() { # copy_volume FROM TO
  delete_volume "$2"
  if btrfs subvolume show "$1" >/dev/null 2>&1; then btrfs -q subvolume snapshot "$1" "$2" >/dev/null
  else cp -a --reflink=auto "$1" "$2"; fi
}

delete_volume() {
  [ -e "$1" ] || return 0
  btrfs -q subvolume delete "$1" >/dev/null 2>&1 || remove_tree "$1"
}

# A small disk of its own, for what happens when one is full.
new_disk() { # new_disk NAME SIZE : prints where it is mounted
  local image=$STATE/disks/$1.img dir=$STATE/disks/$1
  delete_disk "$1"; mkdir -p "$dir"
  truncate -s "$2" "$image"; mkfs.ext4 -q -m 0 "$image"
  mount -o loop,noatime "$image" "$dir"
  echo "$dir"
}

delete_disk() {
  local dir=$STATE/disks/$1
  ! mountpoint -q "$dir" || umount -l "$dir"
  remove_tree "$dir"; rm -f "$dir.img"
}

mounts_below() { awk -v dir="$1/" 'index($2, dir) == 1 {print $2}' /proc/self/mounts | tac; }

unmount_below() { # unmount_below DIR : innermost first
  local dir
  mounts_below "$1" | while read -r dir; do umount "$dir" 2>/dev/null || umount -l "$dir" 2>/dev/null || true; done
}

# A folder may still hold a mount of the machine's own /dev or of somebody's disk, through which rm would go.
remove_tree() { # remove_tree DIR
  unmount_below "$1"
  [ -z "$(mounts_below "$1")" ] || die "won't delete $1: something is mounted in it"
  rm -rf --one-file-system "$1"
}

# Loop devices go with their mounts: `mount -o loop` has them freed by the kernel.
unmount_everything() {
  unmount_below "$STATE"
  unmount_below "$RUN"
}

delete_scratch() { remove_tree "/dev/shm/$CGROUP"; remove_tree "$STATE/scratch"; }
