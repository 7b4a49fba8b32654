#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""open_with.py DESKTOP-FILE URI…: what a file manager's Open With does, by GIO, which hands files to a sandbox through the document portal."""
import sys

from gi.repository import Gio, GLib

loop = GLib.MainLoop()


def launched(app, result):
    app.launch_uris_finish(result)
    loop.quit()


Gio.DesktopAppInfo.new_from_filename(sys.argv[1]).launch_uris_async(sys.argv[2:], None, None, launched)
loop.run()
