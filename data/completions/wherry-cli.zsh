#compdef wherry-cli
# SPDX-License-Identifier: GPL-3.0-or-later

_wherry_cli_devices() {
  local -a names
  names=("${(@f)$(_call_program devices wherry-cli ${(q)data_dir} devices --paired 2>/dev/null)}")
  names=("${(@)names:#}")
  local expl
  _wanted devices expl device compadd -a names
}

_wherry_cli() {
  local context state state_descr line
  typeset -A opt_args
  local -a common=(
    '--data-dir=[identity and devices live there]:folder:_files -/'
    '--port=[UDP port, 0 for any]:port:'
    '--no-mdns[neither announce nor look for devices]'
    '--json[one JSON object a line]'
    '--verbose[log what happens to the standard error]'
    '(- *)'{-h,--help}'[show help]'
  )
  # The data folder of the line, for the names of devices.
  local -a data_dir
  local at=${words[(I)--data-dir]} with=${words[(r)--data-dir=*]}
  (( at )) && data_dir=(--data-dir "${(Q)words[at + 1]}")
  [[ -n $with ]] && data_dir=("${(Q)with}")
  local -a address=('--address=[where the device is]:address:_hosts')

  _arguments -C $common '(- *)--version[print the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
        'id:print the id of this device'
        'devices:list the paired devices and those nearby'
        'pair:show a code for another device, or enter the one it shows'
        'unpair:forget a paired device'
        'serve:receive files until interrupted'
        'send:send files and folders to a paired device'
        'send-text:send a text to a paired device'
        'ping:measure the way to a paired device and back'
        'doctor:find out what keeps devices from each other'
        'help:list the commands'
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
        devices) _arguments $common '(--watch)--paired[only name the paired devices]' '(--paired)--watch[print each change]' ;;
        pair)
          _arguments $common $address '--qr[show the link as a QR code too]' '--yes[let in whoever opens the link]' \
            '--device=[which device shows the words]:device:_wherry_cli_devices' '*:code:()'
          ;;
        unpair) _arguments $common '1:device:_wherry_cli_devices' ;;
        ping) _arguments $common $address '1:device:_wherry_cli_devices' ;;
        send-text) _arguments $common $address '1:device:_wherry_cli_devices' '2:text:' ;;
        doctor) _arguments $common '1:connect:(connect)' '2:device:_wherry_cli_devices' ;;
        serve)
          _arguments $common '--receive-dir=[where files go]:folder:_files -/' \
            '--accept=[what to do with an offer]:answer:(ask paired none)'
          ;;
        send) _arguments $common $address '--to=[the paired device]:device:_wherry_cli_devices' '*:file:_files' ;;
        *) _arguments $common ;;
      esac
      ;;
  esac
}

_wherry_cli "$@"
