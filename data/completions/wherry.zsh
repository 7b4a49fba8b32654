#compdef wherry
# SPDX-License-Identifier: GPL-3.0-or-later

_arguments \
  '--data-dir=[keep identity and devices apart from every other Wherry]:folder:_files -/' \
  '--receive-dir=[put received files there]:folder:_files -/' \
  '--port=[use this UDP port, 0 for any]:port:' \
  '--no-mdns[neither look for devices nearby nor be seen by them]' \
  '(- *)--version[show the version]' \
  '(- *)'{-h,--help}'[show the options]' \
  '*:file:_files'
