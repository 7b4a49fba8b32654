#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The D-Bus service as a program of the same person uses it: what is described is what is there, what changes is signalled, offers are answered,
mistakes are named, and a pairing ends with who asked for it. usage: dbus.py [BUILD-DIR]"""
import pathlib
import shutil
import sys
import tempfile
import xml.etree.ElementTree

import command
import tap
from waiting import PATIENCE

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve()
CLI = BUILD / "app/cli/wherry-cli"
XML = pathlib.Path(__file__).resolve().parents[2] / "data/io.github.wherry.Wherry.xml"
ROOT, BASE = "/io/github/wherry/Wherry", "io.github.wherry.Wherry"


class Service:
    """What one process offers, over a connection of its own."""

    def __init__(self, address, folder):
        from gi.repository import Gio, GLib
        self.Gio, self.GLib, self.seen = Gio, GLib, []
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.name = next((name for name in self.names() if self.folder_of(name) == str(folder)), None)
        self.bus.signal_subscribe(None, None, None, None, None, Gio.DBusSignalFlags.NONE,
                                  lambda bus, sender, path, interface, name, arguments: self.seen.append((path, name, arguments.unpack())))

    def names(self):
        every = self.call("/org/freedesktop/DBus", "org.freedesktop.DBus", "ListNames", at="org.freedesktop.DBus")[0]
        return [name for name in every if name.startswith(BASE)]

    def folder_of(self, name):
        return bytes(self.call(ROOT, "org.freedesktop.DBus.Properties", "Get", "(ss)", f"{BASE}.Manager", "DataDir", at=name)[0]).rstrip(b"\0").decode()

    def call(self, path, interface, method, signature="()", *arguments, at=None):
        return self.bus.call_sync(at or self.name, path, interface, method, self.GLib.Variant(signature, arguments), None,
                                  self.Gio.DBusCallFlags.NO_AUTO_START, PATIENCE * 1000, None).unpack()

    def manager(self, method, *rest):
        return self.call(ROOT, f"{BASE}.Manager", method, *rest)

    def refused(self, *call):
        """The name of the error, and what it says."""
        try:
            self.call(*call)
        except self.GLib.Error as error:
            name = self.Gio.DBusError.get_remote_error(error) or ""
            self.Gio.DBusError.strip_remote_error(error)
            return name.removeprefix(f"{BASE}.Error."), error.message
        return "", ""

    def objects(self, kind):
        every = self.call(ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]
        return {path: found[f"{BASE}.{kind}"] for path, found in every.items() if f"{BASE}.{kind}" in found}

    def until(self, condition):
        """Turns the main loop until a signal makes it true; its value, or what it had when nothing more came."""
        context, late = self.GLib.MainContext.default(), []
        source = self.GLib.timeout_source_new(PATIENCE * 1000)
        source.set_callback(lambda *_: late.append(True))
        source.attach(context)
        while not (value := condition()) and not late:
            context.iteration(True)
        source.destroy()
        return value

    def changes(self, path, name):
        """All values that a property was signalled to have, in their order."""
        return [arguments[1][name] for at, signal, arguments in self.seen
                if at == path and signal == "PropertiesChanged" and name in arguments[1]]


def shape(node):
    """Interfaces with their members, without what a comment or the bus adds."""
    return {interface.get("name"): sorted((member.tag, member.get("name"), member.get("access"),
                                           tuple((arg.get("type"), arg.get("direction")) for arg in member.iter("arg")), member.get("type"))
                                          for member in interface)
            for interface in node.iter("interface") if interface.get("name").startswith(BASE)}


def described(service, device):
    written = shape(xml.etree.ElementTree.parse(XML))
    served = {}
    for path in (ROOT, device):
        served |= shape(xml.etree.ElementTree.fromstring(service.call(path, "org.freedesktop.DBus.Introspectable", "Introspect")[0]))
    tap.check(len(served) == 2 and all(written[name] == members for name, members in served.items()), "what is installed describes what is served",
              served, written)


def manager(service, ada_id, ada):
    value = lambda name: service.call(ROOT, "org.freedesktop.DBus.Properties", "Get", "(ss)", f"{BASE}.Manager", name)[0]  # noqa: E731
    tap.check(value("NodeId") == ada_id and value("Port") > 0, "the service says which device it is")
    rename = (ROOT, "org.freedesktop.DBus.Properties", "Set", "(ssv)", f"{BASE}.Manager", "Name", service.GLib.Variant("s", "Ada\u202e\n  Two"))
    service.call(*rename)
    tap.check(value("Name") == "Ada Two", "a name is set as it may be shown", value("Name"))
    tap.check(service.until(lambda: service.changes(ROOT, "Name"))[-1:] == ["Ada Two"], "and the change is signalled", service.seen)
    tap.check(service.manager("ListAddresses")[0], "its addresses are listed")
    tap.check(bytes(service.manager("GetReceiveDir")[0]) == bytes(ada.inbox) + b"\0", "and its folder for received files")


def policies(service, bob_id):
    service.manager("SetPolicy", "(ssay)", bob_id, "decline", b"\0")
    tap.check(service.manager("GetPolicy", "(s)", bob_id)[0] == "decline", "a device has a rule of its own")
    service.manager("SetPolicy", "(ssay)", bob_id, "", b"\0")
    tap.check(service.manager("GetPolicy", "(s)", bob_id)[0] == "ask", "and that of all again")
    for what, arguments, kind in (("a rule that there is not", (bob_id, "maybe", b"\0"), "Invalid"), ("no rule for all", ("", "", b"\0"), "Invalid"),
                                  ("a folder somewhere", (bob_id, "accept", b"x\0"), "Invalid"), ("an unknown device", ("00" * 32, "ask", b"\0"), "NotFound")):
        found = service.refused(ROOT, f"{BASE}.Manager", "SetPolicy", "(ssay)", *arguments)
        tap.check(found[0] == kind and found[1], f"refused: {what}", found)


def mistakes(service, device):
    interface = f"{BASE}.Device"
    for what, call, kind in (("an address that is none", (device, interface, "Ping", "(as)", ["nowhere"]), "Invalid"),
                             ("nothing to send", (device, interface, "Send", "(aayas)", [], []), "Invalid"),
                             ("a path of nobody knows where", (device, interface, "Send", "(aayas)", [b"etc/passwd\0"], []), "Invalid"),
                             ("a code that is none", (ROOT, f"{BASE}.Manager", "JoinPairing", "(ssas)", "zoo-zoo-zzz", "", []), "Invalid"),
                             ("a device that is away", (device, interface, "Ping", "(as)", ["127.0.0.1:1"]), "Offline")):
        found = service.refused(*call)
        tap.check(found[0] == kind and found[1], f"refused: {what}", found)


def offers(service, ada, bob, ada_id, at):
    """Ada is asked at her terminal, and answered for over the bus."""
    note = bob.home / "note"
    note.write_text("over the bus")
    for method, state, status, arguments in (("Decline", "declined", 4, ()), ("Accept", "done", 0, ("(ay)", b"\0")),
                                             ("Accept", "done", 0, ("(ay)", bytes(ada.home / "else") + b"\0"))):
        service.seen.clear()
        sending = bob.start("send", "--to", ada_id, "--address", at, note)
        told = service.until(lambda: [arguments[0] for _, name, arguments in service.seen if name == "Offered"])
        path = (told or ["/"])[0]
        offered = service.objects("Transfer").get(path, {})
        tap.check(offered.get("State") == "offered" and offered["Names"] == ["note"] and offered["BytesTotal"] == 12, "an offer is signalled", offered)
        service.call(path, f"{BASE}.Transfer", method, *arguments)
        service.until(lambda: state in service.changes(path, "State"))
        states = service.changes(path, "State")
        tap.check(states[-1:] == [state] and sending.finish() == status, f"{method} ends it as {state}", states, *sending.details())
        late = service.refused(path, f"{BASE}.Transfer", "Decline")
        tap.check(late[0] == "Invalid", "what has ended takes no answer", late)
    tap.check((ada.inbox / "note").read_text() == (ada.home / "else/note").read_text() == "over the bus", "what was accepted is where it should be")


def sends(service, device, bob, at):
    odd = bob.home / "not UTF-8 \udcff"
    odd.write_text("bytes")
    path, protocol_id = service.call(device, f"{BASE}.Device", "Send", "(aayas)", [bytes(odd) + b"\0"], [at])
    service.until(lambda: "done" in service.changes(path, "State"))
    sent = service.objects("Transfer")[path]
    tap.check(sent["State"] == "done" and sent["ProtocolId"] == protocol_id and sent["BytesDone"] == 5 and sent["Device"] == device, "a file is sent", sent)
    tap.check([path.read_text() for path in bob.inbox.glob("not UTF-8*")] == ["bytes"] and len(sent["Names"]) == 1, "whose name is bytes", sent["Names"])


def pairings(service, address, ada):
    asking = Service(address, ada.data)
    path, words, link, attempts, seconds = asking.manager("HostPairing")
    tap.check(words.count("-") == 2 and link.startswith("wherry://") and attempts == 3 and 290 < seconds <= 300, "a code is shown", words, attempts, seconds)
    tap.check(words not in repr(service.objects("Pairing")) and link not in repr(service.objects("Pairing")), "to who asked for it alone")
    again = Service(address, ada.data)
    tap.check(again.manager("HostPairing")[:2] == (path, words), "and to whoever asks next")
    again.bus.close_sync(None)
    asking.bus.close_sync(None)
    service.until(lambda: "failed" in service.changes(path, "Phase"))
    ended = service.objects("Pairing").get(path, {})
    tap.check((ended.get("Phase"), ended.get("Reason")) == ("failed", "cancelled"), "it is taken back when they have left", ended)


def asking(ada_id, bob, at):
    """A command that asks another process, which ends, or does not hear the end of it."""
    examined = bob.run("doctor")
    tap.check({"port", "device"} <= {event["kind"] for event in examined.told("finding")}, "what the doctor finds is told", *examined.details())
    for what, end, reason in (("Ctrl-C cancels what was asked for", lambda sending: sending.stop(), "cancelled"),
                              ("a process that was asked and died is told", lambda sending: (bob.holder.process.kill(), sending.finish())[1], "connection")):
        sending = bob.start("send", "--to", ada_id, "--address", at, bob.home / "note")
        sending.next("offered")
        status = end(sending)
        tap.check((status, sending.events[-1].get("reason")) == (6, reason), what, *sending.details())


def run(home, address):
    ada, bob = command.Device(CLI, home, "ada"), command.Shared(CLI, home, "bob")
    ada_id, bob_id = command.pair(ada, bob)
    bob.release()
    (ada.home / "else").mkdir()
    (home / "link").symlink_to(ada.data)
    serving = command.Terminal([str(word) for word in (CLI, "--data-dir", home / "link", "--port", "0", "--no-mdns", "serve", "--receive-dir", ada.inbox)])
    at = f"127.0.0.1:{serving.see(r'listens on port (\d+)')[1]}"
    service = Service(address, ada.data)
    if not tap.check(service.name, "the folder has a name on the bus, by whatever path it was given"):
        return
    devices = service.objects("Device")
    device = f"{ROOT}/devices/{bob_id}"
    tap.check(devices.keys() == {device} and devices[device]["Id"] == bob_id and devices[device]["State"] == "paired", "a paired device is an object", devices)
    described(service, device)
    manager(service, ada_id, ada)
    policies(service, bob_id)
    mistakes(service, device)
    offers(service, ada, bob, ada_id, at)
    held = bob.serve()
    sends(service, device, bob, held.address)
    measured = service.call(device, f"{BASE}.Device", "Ping", "(as)", [held.address])[0]
    tap.check(measured > 0 and service.until(lambda: "connected" in service.changes(device, "State")), "a ping is answered, and the state signalled", measured)
    asking(ada_id, bob, at)
    pairings(service, address, ada)
    service.call(device, f"{BASE}.Device", "Unpair")
    tap.check(not service.objects("Device"), "an unpaired device is gone")
    serving.process.send_signal(2)
    serving.finish()
    tap.check(not service.names(), "with the program its name is gone", service.names())


def main():
    try:
        import gi
        gi.require_version("Gio", "2.0")
    except (ImportError, ValueError) as error:
        tap.skip_all(f"there is no Gio for Python: {error}")
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-dbus-"))
    bus = command.Bus(home)
    try:
        run(home, bus.address)
        tap.check(not command.broken, "every line of --json kept the contract", *command.broken[:20])
    finally:
        bus.stop()
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
