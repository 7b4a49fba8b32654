# SPDX-License-Identifier: GPL-3.0-or-later
function __wherry_cli_devices
    # With the data folder of the line.
    set -l words (commandline -opc)
    set -l where
    if set -l at (contains -i -- --data-dir $words)
        and set -q words[(math $at + 1)]
        set where --data-dir $words[(math $at + 1)]
    end
    wherry-cli $where devices --paired 2>/dev/null
end

set -l verbs id devices pair unpair serve send send-text ping doctor help
complete -c wherry-cli -f
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a id -d 'Print the id of this device'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a devices -d 'List the paired devices and those nearby'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a pair -d 'Show a code for another device, or enter the one it shows'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a unpair -d 'Forget a paired device'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a serve -d 'Receive files until interrupted'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a send -d 'Send files and folders to a paired device'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a send-text -d 'Send a text to a paired device'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a ping -d 'Measure the way to a paired device and back'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'Find out what keeps devices from each other'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -a help -d 'List the commands'
complete -c wherry-cli -n "not __fish_seen_subcommand_from $verbs" -l version -d 'Print the version'
complete -c wherry-cli -l data-dir -x -a '(__fish_complete_directories)' -d 'Identity and devices live there'
complete -c wherry-cli -l port -x -d 'UDP port, 0 for any'
complete -c wherry-cli -l no-mdns -d 'Neither announce nor look for devices'
complete -c wherry-cli -l json -d 'One JSON object a line'
complete -c wherry-cli -l verbose -d 'Log what happens to the standard error'
complete -c wherry-cli -s h -l help -d 'Show help'
complete -c wherry-cli -n '__fish_seen_subcommand_from devices' -l paired -d 'Only name the paired devices'
complete -c wherry-cli -n '__fish_seen_subcommand_from devices' -l watch -d 'Go on, and print each change'
complete -c wherry-cli -n '__fish_seen_subcommand_from pair' -l qr -d 'Show the link as a QR code too'
complete -c wherry-cli -n '__fish_seen_subcommand_from pair' -l yes -d 'Let in whoever opens the link'
complete -c wherry-cli -n '__fish_seen_subcommand_from pair' -l device -x -a '(__wherry_cli_devices)' -d 'Which device shows the words'
complete -c wherry-cli -n '__fish_seen_subcommand_from pair send send-text ping' -l address -x -d 'Where the device is'
complete -c wherry-cli -n '__fish_seen_subcommand_from serve' -l receive-dir -x -a '(__fish_complete_directories)' -d 'Where files go'
complete -c wherry-cli -n '__fish_seen_subcommand_from serve' -l accept -x -a 'ask paired none' -d 'What to do with an offer'
complete -c wherry-cli -n '__fish_seen_subcommand_from send' -l to -x -a '(__wherry_cli_devices)' -d 'The paired device'
complete -c wherry-cli -n '__fish_seen_subcommand_from unpair send-text ping' -a '(__wherry_cli_devices)'
complete -c wherry-cli -n '__fish_seen_subcommand_from doctor; and not __fish_seen_subcommand_from connect' -a connect -d 'Ask one device'
complete -c wherry-cli -n '__fish_seen_subcommand_from connect' -a '(__wherry_cli_devices)'
complete -c wherry-cli -n '__fish_seen_subcommand_from send' -F
