#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notification server of any desktop but GNOME: says that it takes markup, and prints each notification as a JSON array
[summary, body, actions] on a line, after a line "ready". A line on standard input is the key of an action: the person chose it, on the
notification that came last."""
import json
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
    <arg type="i" direction="in"/><arg type="u" direction="out"/></method>
</interface></node>"""


def called(connection, sender, path, interface, method, parameters, invocation):
    if method == "Notify":
        _, _, _, summary, body, actions, _, _ = parameters.unpack()
        print(json.dumps([summary, body, actions]), flush=True)
    answers = {"Notify": GLib.Variant("(u)", (1,)), "CloseNotification": None,
               "GetCapabilities": GLib.Variant("(as)", (["body", "body-markup", "actions"],)),
               "GetServerInformation": GLib.Variant("(ssss)", ("test", "test", "1", "1.2"))}
    invocation.return_value(answers[method])


def acquired(connection, name):
    node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
    connection.register_object("/org/freedesktop/Notifications", node.interfaces[0], called, None, None)

    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, chosen, connection)


def chosen(stdin, condition, connection):
    key = stdin.readline().strip()
    if key:
        connection.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked",
                               GLib.Variant("(us)", (1, key)))
    return bool(key)


Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, acquired,
                 lambda *_: print("ready", flush=True), None)
GLib.MainLoop().run()
