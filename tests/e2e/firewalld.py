#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A firewalld that only answers: the part of org.fedoraproject.FirewallD1 that tells of zones and services, on the system bus. Prints a line when
its name is owned. usage: firewalld.py ZONES, a JSON object: zone -> {"interfaces", "target", "ports", "services"}; the first is the
default one. {}: whoever asks is not authorised."""
import json
import sys

from gi.repository import Gio, GLib

NAME = "org.fedoraproject.FirewallD1"
ZONES = json.loads(sys.argv[1])
INTERFACES = Gio.DBusNodeInfo.new_for_xml("""
<node>
  <interface name="org.fedoraproject.FirewallD1">
    <method name="getDefaultZone"><arg type="s" direction="out"/></method>
    <method name="getServiceSettings2"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
  </interface>
  <interface name="org.fedoraproject.FirewallD1.zone">
    <method name="getZoneOfInterface"><arg type="s" direction="in"/><arg type="s" direction="out"/></method>
    <method name="getZoneSettings2"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
  </interface>
</node>""")


def ports(listed):
    return GLib.Variant("a(ss)", [(port, "udp") for port in listed])


def answer(method, argument):
    if method == "getDefaultZone":
        return GLib.Variant("(s)", (next(iter(ZONES)),))
    if method == "getZoneOfInterface":
        return GLib.Variant("(s)", (next((zone for zone, has in ZONES.items() if argument in has.get("interfaces", [])), ""),))
    if method == "getServiceSettings2":
        return GLib.Variant("(a{sv})", ({"ports": ports(["11204"] if argument == "wherry" else [])},))
    zone = ZONES[argument]
    return GLib.Variant("(a{sv})", ({"target": GLib.Variant("s", zone.get("target", "default")), "ports": ports(zone.get("ports", [])),
                                     "services": GLib.Variant("as", zone.get("services", []))},))


def called(connection, sender, path, interface, method, parameters, invocation):
    if ZONES:
        invocation.return_value(answer(method, *parameters.unpack() or [""]))
    else:
        invocation.return_dbus_error("org.fedoraproject.FirewallD1.NotAuthorizedException", "Not authorized")


def acquired(connection, name):
    for interface in INTERFACES.interfaces:
        connection.register_object("/org/fedoraproject/FirewallD1", interface, called, None, None)


Gio.bus_own_name(Gio.BusType.SYSTEM, NAME, Gio.BusNameOwnerFlags.NONE, acquired, lambda *_: print("ready", flush=True), lambda *_: sys.exit(1))
GLib.MainLoop().run()
