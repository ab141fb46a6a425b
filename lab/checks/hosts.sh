# shellcheck shell=bash disable=SC2016

check_hosts() {
  check "ssh as root, host key checked" on h1 'test "$(id -u)" = 0'
  check "ssh as ops: docker group, sudo without a password" on h1-ops 'docker ps >/dev/null && sudo -n true'
  check "a changed host key is refused" changed_host_key
  check "systemd runs, nothing failed" on h1 'test "$(systemctl is-system-running)" = running'
  check "cron, git, curl, compose and buildx are there" on h1 'systemctl is-active -q cron && git --version && curl -V && docker compose version && docker buildx version'
  check "every image of lab.json is there" every_image
  check "a build reaches the npm registry and apt" builds
  check "docker run --init works" on h1 'docker run --rm --init busybox true'
  check "up again changes nothing, and two at once get along" two_ups
  check "a second host has its own address and host key" second_host
  check "a host with a small disk says so when it is full" full_disk
  check "a host that is reset is empty again" reset_host
}

changed_host_key() {
  sed 's/^h1,[^ ]* ssh-ed25519 .*/h1,'"$TEND_LAB_NET"'.11 '"$(cut -d' ' -f1,2 "$RUN/key.pub")/" "$RUN/known_hosts" >"$RUN/wrong_hosts"
  refused 'host key verification failed' ssh -n -F "$RUN/ssh_config" -o "UserKnownHostsFile=$RUN/wrong_hosts" h1 true
}

every_image() {
  local image
  for image in $(sed -n 's/.*"images": \[\(.*\)\].*/\1/p' "$RUN/lab.json" | tr -d '"' | tr , ' '); do
    on h1 "docker image inspect $image >/dev/null" || return
  done
}

builds() {
  on h1 mkdir -p build
  printf 'FROM node:24-slim\nWORKDIR /app\nRUN npm install postgres\nRUN apt-get -qq update\n' | send h1 build/Dockerfile
  on h1 docker build -q --no-cache build
}

two_ups() {
  local before; before=$(on h1 cat /proc/sys/kernel/random/boot_id /etc/machine-id)
  "$LAB/up" 1 & "$LAB/up" 1 && wait $! && [ "$(on h1 cat /proc/sys/kernel/random/boot_id /etc/machine-id)" = "$before" ]
}

second_host() {
  "$LAB/host" up h2 && on h2 true && [ "$(cut -d' ' -f3 "$RUN/known_hosts" | sort -u | wc -l)" = 2 ] && on h1 "ssh-keyscan $TEND_LAB_NET.12 2>/dev/null | grep -q ed25519"
}

full_disk() {
  "$LAB/host" up small --disk 300M || return
  on small 'df --output=size -m /var/lib/docker | tail -n1' || return
  refused 'no space left on device' on small 'docker pull -q postgres:17 && docker pull -q node:24-slim' || return
  on small docker ps && "$LAB/host" down small
}

reset_host() {
  on h2 'docker run -d --name here busybox sleep 60' || return
  "$LAB/host" reset h2 && refused 'no such' on h2 docker inspect here && on h2 docker run --rm busybox true && "$LAB/host" down h2
}
