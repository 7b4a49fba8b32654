#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cables that carry less than their ends believe: a file goes through each in both directions, and a good cable of the same host
carries its own meanwhile. usage: mtu.py BUILD-DIR"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import command
import tap
from two_hosts import CLI, PROJECT, Host

BYTES = 5_000_000


class Placed(command.Device):
    """A device on a host of its own, with an address for each cable."""

    def __init__(self, home, name):
        super().__init__(CLI, home, name)
        self.host = Host(name, "", pathlib.Path(home) / name / "host")

    def start(self, verb, *arguments, **options):
        argv = self.host.inside(CLI, "--data-dir", self.data, "--port", "0", "--no-mdns", "--json", verb, *arguments)
        return command.Running(argv, verb, **options)

    def ip(self, *argv):
        subprocess.run(self.host.inside("ip", *argv), check=True)

    def plug(self, cable, address, mtu):
        self.ip("addr", "add", f"{address}/24", "dev", cable)
        self.ip("link", "set", cable, "mtu", str(mtu), "up")


def lay(a, b, cable):
    a.ip("link", "add", cable, "type", "veth", "peer", "name", cable, "netns", str(b.host.holder.pid))


def port_of(running):
    return running.next("listening").get("port", 0)


def pair(host, joiner, address):
    """Pairs over a cable; the ids of both."""
    hosting = host.start("pair")
    at = f"{address}:{port_of(hosting)}"
    joining = joiner.run("pair", hosting.next("code").get("words", ""), "--address", at)
    tap.check(hosting.finish() == 0 and joining.told("paired"), f"paired over {address}", *joining.details())
    return [run.told("paired")[0]["device"]["node_id"] if run.told("paired") else "" for run in (joining, hosting)]


def start_sending(sender, to, address, inbox, file):
    return sender.start("send", "--to", to, "--address", address, file), inbox / file.name, file


def check_arrival(sending, arrived, sent, what):
    status = sending.finish()
    tap.check(status == 0 and arrived.exists() and arrived.read_bytes() == sent.read_bytes(), what, *sending.details())
    arrived.unlink(missing_ok=True)


def stop(serving, what):
    tap.check(serving.stop() == 0, f"{what}: serve ends cleanly", *serving.details())


def check_cable(ada, bob, cyd, ids, net, sent, what):
    """@net is the cable to bob. One node serves both: what one cable refuses must not reach the other."""
    serving = ada.serve()
    port = serving.address.split(":")[1]
    doubtful = start_sending(bob, ids["ada"], f"{net}.1:{port}", ada.inbox, sent["bob"])
    good = start_sending(cyd, ids["ada"], f"192.0.2.1:{port}", ada.inbox, sent["cyd"])
    check_arrival(*good, f"{what}: the good cable meanwhile")
    check_arrival(*doubtful, f"{what}: to the host")
    stop(serving, what)
    serving = bob.serve()
    port = serving.address.split(":")[1]
    check_arrival(*start_sending(ada, ids["bob"], f"{net}.2:{port}", bob.inbox, sent["ada"]), f"{what}: from the host")
    stop(serving, what)


def scenario(home, ada, bob, cyd, switch):
    sent = {}
    for name in ("ada", "bob", "cyd"):
        sent[name] = home / f"from-{name}.bin"
        sent[name].write_bytes(random.Random(name).randbytes(BYTES))
    lay(ada, cyd, "good")
    ada.plug("good", "192.0.2.1", 1500)
    cyd.plug("good", "192.0.2.2", 1500)
    pair(ada, cyd, "192.0.2.1")
    ids = {}
    for number, (near, far) in enumerate([(1500, 1280), (1280, 1500), (1280, 1280)]):
        net = f"198.51.{number}"
        lay(ada, bob, f"cable{number}")
        ada.plug(f"cable{number}", f"{net}.1", near)
        bob.plug(f"cable{number}", f"{net}.2", far)
        if not ids:
            ids["ada"], ids["bob"] = pair(ada, bob, f"{net}.1")
        check_cable(ada, bob, cyd, ids, net, sent, f"MTU {near} here and {far} there")
    # a bridge drops what its next port cannot carry, and tells nobody
    lay(ada, switch, "left")
    lay(bob, switch, "right")
    switch.ip("link", "add", "bridge", "type", "bridge")
    for port, mtu in (("left", 1500), ("right", 1280)):
        switch.ip("link", "set", port, "mtu", str(mtu), "master", "bridge", "up")
    switch.ip("link", "set", "bridge", "up")
    ada.plug("left", "198.51.9.1", 1500)
    bob.plug("right", "198.51.9.2", 1500)
    check_cable(ada, bob, cyd, ids, "198.51.9", sent, "a bridge that drops what is larger than 1280")


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="mtu-"))
    devices = []
    try:
        for name in ("ada", "bob", "cyd", "switch"):
            devices.append(Placed(home, name))
        scenario(home, *devices)
        tap.check(not command.broken, "every line keeps the contract", *command.broken[:10])
    finally:
        for device in devices:
            device.host.close()
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
