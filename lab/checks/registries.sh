# shellcheck shell=bash

check_registries() {
  check "nginx:1.27 can be pulled from the lab's Docker Hub" on h1 'docker rmi -f nginx:1.27 && docker pull -q nginx:1.27 && docker inspect -f "{{index .RepoDigests 0}}" nginx:1.27'
  check "ghcr.io takes an image and gives it back" push_and_pull ghcr.io/acme/app:1
  check "a tag that isn't there is unknown" refused 'manifest unknown|not found' on h1 docker pull ghcr.io/acme/app:2
  private=$TEND_LAB_NET.1:5000
  check "the private registry refuses who hasn't logged in" refused 'no basic auth credentials|unauthorized' on h1 "docker pull $private/acme/app:1"
  check "the private registry refuses a wrong password" refused '401 unauthorized' login wrong
  check "the private registry takes the right one" login "$(sed -n 's/.*"password":"\([^"]*\)".*/\1/p' "$RUN/lab.json")"
  check "the private registry takes an image and gives it back" push_and_pull "$private/acme/app:1"
}

push_and_pull() { on h1 "docker tag busybox $1 && docker push -q $1 && docker rmi $1 && docker pull -q $1"; }

login() { echo "$1" | ssh -F "$RUN/ssh_config" h1 "docker login -u lab --password-stdin $private"; }
