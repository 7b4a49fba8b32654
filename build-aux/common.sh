# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# What ./dev and the scripts beside this file share; to be sourced. Nothing here decides what root or deps make.

say() {
  echo "dev: $*" >&2
}

fail() {
  say "$@"
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null
}

# The Debian mirror that this system itself uses, with a slash at its end; nothing when it is not Debian.
mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?( |$)' |
    head -n 1 | sed 's|/* *$|/|'
}

# Written once, in meson.build.
version() { # MESON.BUILD
  sed -n "s/^  version: '\(.*\)',$/\1/p" "$1"
}

# The packages that a build, its tests and its checks need, a line each.
packages() { # ROOT-PACKAGES
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"
}

install_packages() { # PACKAGE...
  as_root apt-get -qq update >&2 || fail "apt-get update failed; check the network and /etc/apt/sources.list"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >&2 ||
    fail "apt-get could not install what is needed; its message above says why; install by hand: $*"
}

# As root in the system ROOT, which it may change, with this machine's network. Options of bwrap go before a --.
change_root() { # ROOT [BWRAP-OPTION... --] COMMAND...
  changed=$1
  shift
  as_root bwrap --bind "$changed" / --dev /dev --proc /proc --perms 1777 --tmpfs /tmp --perms 0755 --tmpfs /run \
    --ro-bind /etc/resolv.conf /etc/resolv.conf --ro-bind-try /etc/hosts /etc/hosts --unshare-pid --die-with-parent \
    --setenv DEBIAN_FRONTEND noninteractive --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin "$@"
}
