# SPDX-License-Identifier: GPL-3.0-or-later
complete -c wherry -l data-dir -x -a '(__fish_complete_directories)' -d 'Keep identity and devices there'
complete -c wherry -l receive-dir -x -a '(__fish_complete_directories)' -d 'Put received files there'
complete -c wherry -l port -x -d 'UDP port, 0 for any'
complete -c wherry -l no-mdns -d 'Neither look for devices nearby nor be seen by them'
complete -c wherry -l version -d 'Show the version'
complete -c wherry -s h -l help -d 'Show the options'
