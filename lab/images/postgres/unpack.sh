#!/bin/sh
# unpack.sh MAJOR PACKAGE… : these packages' files and nothing that they depend on; a server that listens.
set -eu
major=$1; shift
cd /var/cache/apt
apt-get -qq -o APT::Sandbox::User=root download "$@"
for package in *.deb; do dpkg -x "$package" /; done
rm -rf "/usr/lib/postgresql/$major"/lib/llvmjit* "/usr/lib/postgresql/$major/lib/bitcode"
sed -i -e "s/^#listen_addresses = .*/listen_addresses = '*'/" -e 's/^#jit = .*/jit = off/' "/usr/share/postgresql/$major/postgresql.conf.sample"
ldconfig
