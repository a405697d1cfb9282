# shellcheck shell=bash
# Debian packages: what scripts/packages.txt lists and this machine lacks is installed, and said.

# The packages of the given sections, one per line.
packages_of() {
  awk -v wanted=" $* " '
    /^\[/ { section = substr($1, 2, length($1) - 2); next }
    /^#/ || NF == 0 { next }
    index(wanted, " " section " ") { print $1 }' "$ROOT/scripts/packages.txt" | sort -u
}

packages_installed() {
  dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 ~ /^[ih]i$/ { print $2 }' | sort -u
}

packages_missing() {
  comm -23 <(packages_of "$@") <(packages_installed)
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "neither root nor sudo; as root, run: $*"
  fi
}

# libboost1.81-dev conflicts with the default libboost-dev (1.74). Only Boost's own development packages may go for it.
refuse_foreign_removals() {
  local removed
  # What cannot be installed at all is said by the installation itself.
  removed=$(apt-get --simulate --no-install-recommends install "$@" 2>/dev/null |
    awk '$1 == "Remv" { print $2 }') || true
  [[ -n $removed ]] || return 0
  local foreign
  foreign=$(grep -Ev '^libboost[a-z0-9.-]*-dev$' <<<"$removed" || true)
  if [[ -n $foreign ]]; then
    die "installing $* would remove packages that are not Boost's own: ${foreign//$'\n'/ }
     libboost1.81-dev and libboost-dev (1.74) exclude each other: remove what needs 1.74, or build in a container"
  fi
  say "libboost1.81-dev takes the place of ${removed//$'\n'/ }; nothing else needs them"
}

install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "no Debian here: make sure that what scripts/packages.txt lists is installed ($*)"
    return 0
  fi
  local missing
  mapfile -t missing < <(packages_missing "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "installing for $*: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q update </dev/null >&2 ||
    say "apt-get update failed; going on with the package lists at hand"
  refuse_foreign_removals "${missing[@]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q -y --no-install-recommends \
    install "${missing[@]}" </dev/null >&2 || die "could not install: ${missing[*]}"
}
