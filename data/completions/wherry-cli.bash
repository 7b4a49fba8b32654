# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of wherry-cli for bash; needs nothing of bash-completion.

# The line up to the cursor, as the shell will read it: words, without what quotes them, of which the last one is completed. quote is what
# is still open there, and skip how much of it readline takes for words of their own, because it breaks them at more characters than
# the shell.
_wherry_cli_read() {
  local text=${COMP_LINE:0:COMP_POINT} word='' begun='' i char
  words=() skip=0 quote=''
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    if [[ $quote && $char == "$quote" ]]; then
      quote=''
    elif [[ $char == \\ && $quote != \' ]]; then
      ((++i))
      word+=${text:i:1} begun=1
    elif [[ ! $quote && $char == [\"\'] ]]; then
      quote=$char begun=1 skip=${#word}
    elif [[ ! $quote && $char == [[:blank:]] ]]; then
      [[ $begun ]] && words+=("$word")
      word='' begun='' skip=0
    else
      word+=$char begun=1
      [[ ! $quote && $COMP_WORDBREAKS == *"$char"* ]] && skip=${#word}
    fi
  done
  words+=("$word")
}

_wherry_cli_offer() { # REPLY...
  local reply
  for reply; do
    [[ $reply == "$cur"* ]] && COMPREPLY+=("${reply:skip}")
  done
}

# A device chooses its name: no character of it may mean anything to the shell. What bash quotes by itself, as names of files, it
# quotes by whether there is such a file.
_wherry_cli_devices() {
  local names i
  mapfile -t names < <(command wherry-cli "${where[@]}" devices --paired 2>/dev/null)
  _wherry_cli_offer "${names[@]}"
  for i in "${!COMPREPLY[@]}"; do
    case $quote in
      \') COMPREPLY[i]=${COMPREPLY[i]//\'/\'\\\'\'} ;;
      \") COMPREPLY[i]=$(sed 's/[\\"$`]/\\&/g; s/!/"\\!"/g' <<<"${COMPREPLY[i]}") ;;
      *) printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}" ;;
    esac
  done
}

_wherry_cli_files() { # [-d]
  local names
  compopt -o filenames
  mapfile -t names < <(compgen "${1:--f}" -- "$cur")
  _wherry_cli_offer "${names[@]}"
}

_wherry_cli() {
  local words skip quote cur option='' verb='' given=0 where=() i word
  local common='--data-dir --port --no-mdns --json --verbose --help'
  COMPREPLY=()
  _wherry_cli_read
  cur=${words[-1]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    case $word in
      --data-dir | --port | --receive-dir | --accept | --to | --device | --address)
        option=$word
        [[ $word == --data-dir && $((i + 1)) -lt $((${#words[@]} - 1)) ]] && where=(--data-dir "${words[i + 1]}")
        ((++i < ${#words[@]} - 1)) && option=''
        ;;
      --data-dir=*) where=("$word") ;;
      --) given=2 ;;
      -*) ;;
      *) if [[ $verb ]]; then given=1; else verb=$word; fi ;;
    esac
  done
  if [[ ! $option && $cur == --*=* && $given != 2 ]]; then
    option=${cur%%=*}
    cur=${cur#*=}
    ((skip = skip > ${#option} ? skip - ${#option} - 1 : 0))
  fi
  case $option in
    --data-dir | --receive-dir) _wherry_cli_files -d ;;
    --accept) _wherry_cli_offer ask paired none ;;
    --to | --device) _wherry_cli_devices ;;
  esac
  [[ $option ]] && return
  if [[ $cur == -* && $given != 2 ]]; then
    # shellcheck disable=SC2086 # options are words
    case $verb in
      '') _wherry_cli_offer $common --version ;;
      devices) _wherry_cli_offer $common --paired --watch ;;
      pair) _wherry_cli_offer $common --qr --yes --device --address ;;
      serve) _wherry_cli_offer $common --receive-dir --accept ;;
      send) _wherry_cli_offer $common --to --address ;;
      send-text | ping) _wherry_cli_offer $common --address ;;
      *) _wherry_cli_offer $common ;;
    esac
    return
  fi
  case $verb in
    '') _wherry_cli_offer id devices pair unpair serve send send-text ping doctor help ;;
    unpair | send-text | ping) [[ $given == 1 ]] || _wherry_cli_devices ;;
    doctor) if [[ $given == 0 ]]; then _wherry_cli_offer connect; else _wherry_cli_devices; fi ;;
    send) _wherry_cli_files ;;
  esac
}

complete -F _wherry_cli wherry-cli
