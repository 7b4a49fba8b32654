# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Fetching pinned source archives; to be sourced after common.sh by a script that sets $archives, where they are kept, and $log.

verified() { # FILE SHA256
  [ -s "$1" ] && [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
}

download() { # URL FILE
  if [ -x /usr/lib/apt/apt-helper ]; then
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$1" "$2" >>"$log" 2>&1
  elif command -v curl >/dev/null; then
    curl -fsSL -o "$2" "$1" >>"$log" 2>&1
  else
    wget -q -O "$2" "$1" >>"$log" 2>&1
  fi
}

fetch() { # NAME SHA256 POOL-PATH UPSTREAM-URL -> $archive
  archive=$archives/$2-$(basename "$3")
  verified "$archive" "$2" && return
  distribution=$(mirror || true)
  for url in ${distribution:+"$distribution$3"} ${4:+"$4"}; do
    say "fetching $1"
    if download "$url" "$archive.part" && verified "$archive.part" "$2"; then
      mv "$archive.part" "$archive"
      return
    fi
    rm -f "$archive.part"
  done
  fail "$1 can be had neither from the distribution's archive nor from upstream; put the file with SHA256 $2 at $archive, or install a usable $1 (see build-aux/deps), then try again"
}
