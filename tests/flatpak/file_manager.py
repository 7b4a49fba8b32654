#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file manager, as far as other programs know it: org.freedesktop.FileManager1. Prints "ready", then the URIs that it is to show, a JSON array
a line."""
import json

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.FileManager1">
  <method name="ShowItems"><arg type="as" direction="in"/><arg type="s" direction="in"/></method>
  <method name="ShowFolders"><arg type="as" direction="in"/><arg type="s" direction="in"/></method>
</interface></node>"""


def called(connection, sender, path, interface, method, parameters, invocation):
    print(json.dumps(parameters.unpack()[0]), flush=True)
    invocation.return_value(None)


def acquired(connection, name):
    connection.register_object("/org/freedesktop/FileManager1", Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], called, None, None)


Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.FileManager1", Gio.BusNameOwnerFlags.NONE, acquired,
                 lambda *_: print("ready", flush=True), None)
GLib.MainLoop().run()
