# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of wherry for bash.

_wherry() {
  local cur=$2
  COMPREPLY=()
  case $3 in
    --data-dir | --receive-dir)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    --port) return ;;
  esac
  case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W '--data-dir --receive-dir --port --no-mdns --version --help' -- "$cur") ;;
    *)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
  esac
}

complete -F _wherry wherry
