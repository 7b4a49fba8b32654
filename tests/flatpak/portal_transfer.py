#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""portal_transfer.py PATH...: offers PATHs to whoever gets the key, which it prints, as a file manager does before a drop on a sandboxed
program (org.freedesktop.portal.FileTransfer). The offer lasts as long as this runs."""
import os
import sys

from gi.repository import Gio, GLib

PLACE = ("org.freedesktop.portal.Documents", "/org/freedesktop/portal/documents", "org.freedesktop.portal.FileTransfer")
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
key, = bus.call_sync(*PLACE, "StartTransfer", GLib.Variant("(a{sv})", ({},)), GLib.VariantType("(s)"),
                     Gio.DBusCallFlags.NONE, -1, None).unpack()
descriptors = Gio.UnixFDList.new()
handles = [descriptors.append(os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in sys.argv[1:]]
bus.call_with_unix_fd_list_sync(*PLACE, "AddFiles", GLib.Variant("(saha{sv})", (key, handles, {})), None,
                                Gio.DBusCallFlags.NONE, -1, descriptors, None)
print(key, flush=True)
GLib.MainLoop().run()
