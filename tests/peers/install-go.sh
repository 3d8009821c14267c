#!/bin/sh
# Builds grpc-go's own programs for the official interop cases under target/peers/interop, for the
# tests that call them or are called by them. Needs Debian, and root for its Go packages.
#
# The programs are in Debian's source package alone. It is fetched with lists of its own, so that the
# machine's list of sources stays as it is.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/peers/interop/lists/partial
cd target/peers/interop
here=$PWD

# protobuf-1-5 by name: the older one, which is taken otherwise, is too old for grpc-go's messages.
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends golang-go golang-google-grpc-dev \
  golang-google-genproto-dev golang-google-protobuf-dev golang-github-golang-protobuf-1-5-dev
command -v dpkg-source > /dev/null || apt-get install --quiet=2 --yes --no-install-recommends dpkg-dev

sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > debian.sources
source_only() {
  apt-get --quiet=2 -o Dir::Etc::sourcelist="$here/debian.sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$here/lists" -o APT::Get::List-Cleanup=0 "$@"
}
source_only update
source_only source --download-only golang-google-grpc

rm -rf go
mkdir -p go/src/google.golang.org
dpkg-source --extract golang-google-grpc_*.dsc go/src/google.golang.org/grpc
for program in client server; do
  GO111MODULE=off GOPATH=$here/go:/usr/share/gocode GOCACHE=$here/cache \
    go build -o "$program" "google.golang.org/grpc/interop/$program"
done
ls -l "$here/client" "$here/server"
