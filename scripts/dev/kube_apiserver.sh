#!/usr/bin/env bash
# Builds kube-apiserver from Debian's source package and keeps it: about ten minutes, once.
#   scripts/dev/kube_apiserver.sh     prints the path of the program when it is there
# Everything is kept below ROLLCALL_CACHE (~/.cache/rollcall). The system's package lists stay as they are.
set -euo pipefail

CACHE=${ROLLCALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rollcall}
HOME_DIRECTORY=$CACHE/kube-apiserver
PROGRAM=$HOME_DIRECTORY/kube-apiserver
SUITE=bookworm
MIRROR=${ROLLCALL_DEBIAN_MIRROR:-http://deb.debian.org/debian}

say() { printf 'kube_apiserver: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# apt with lists of its own, which know the sources.
private_apt() {
  local lists=$HOME_DIRECTORY/apt
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  echo "deb-src $MIRROR $SUITE main" >"$lists/sources.list"
  apt-get -q -o Dir::Etc::sourcelist="$lists/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$lists/lists" -o Dir::Cache="$lists/cache" "$@"
}

fetch_source() {
  private_apt update >&2 || die "the list of source packages cannot be fetched from $MIRROR"
  (cd "$HOME_DIRECTORY" && private_apt source --only-source kubernetes >&2) || die "no source package kubernetes"
}

# The package is of the time before modules: it wants to stand in a GOPATH, and make generates what it needs first.
build() {
  local source go=/usr/lib/go-1.19/bin
  source=$(find "$HOME_DIRECTORY" -maxdepth 1 -type d -name 'kubernetes-*' | sort | tail -n 1)
  [[ -n $source ]] || die "the source package left no directory"
  [[ -x $go/go ]] || die "Go 1.19 is missing: apt-get install golang-1.19-go rsync make"
  local gopath=$HOME_DIRECTORY/go
  mkdir -p "$gopath/src/k8s.io"
  ln -sfn "$source" "$gopath/src/k8s.io/kubernetes"
  (cd "$gopath/src/k8s.io/kubernetes" &&
    env PATH="$go:$PATH" GOPATH="$gopath" GO111MODULE=off GOFLAGS= \
      make WHAT=cmd/kube-apiserver GOGCFLAGS= GOLDFLAGS="-s -w" >&2) || die "the build failed"
  local built
  built=$(find "$source/_output" -type f -name kube-apiserver -perm -u+x | head -n 1)
  [[ -n $built ]] || die "make left no program"
  install -m 755 "$built" "$PROGRAM.new"
  mv "$PROGRAM.new" "$PROGRAM"
}

if [[ ! -x $PROGRAM ]]; then
  mkdir -p "$HOME_DIRECTORY"
  exec 9>"$HOME_DIRECTORY/lock"
  flock 9
  [[ -x $PROGRAM ]] || { fetch_source && build; }
fi
echo "$PROGRAM"
