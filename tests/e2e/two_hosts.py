#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts on one cable: each a network namespace with its own avahi-daemon. They find each other, pair by words without
an address, and a tree arrives whole. usage: two_hosts.py BUILD-DIR"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import tap
import tree

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
CLI = BUILD / "app/cli/wherry-cli"
AVAHI_SESSION = PROJECT / "tests/avahi-session"


class Host:
    """A network namespace, mount namespace and data directory, held open by a sleeping process."""

    def __init__(self, name, address, home):
        self.name, self.home = name, home
        self.data, self.inbox = home / "data", home / "inbox"
        self.inbox.mkdir(parents=True)
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c",
             "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep infinity"],
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        if self.holder.stdout.readline().strip() != "ready":
            tap.skip_all("network namespaces are not permitted here")
        self.address = address
        self.processes = [self.holder]

    def inside(self, *argv):
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "--wd=" + str(PROJECT), *map(str, argv)]

    def plug(self):
        for command in (["ip", "addr", "add", f"{self.address}/24", "dev", "cable"], ["ip", "link", "set", "cable", "up"]):
            subprocess.run(self.inside(*command), check=True)

    def start_avahi(self):
        """A system bus and an avahi-daemon of this host's own; every later command finds them."""
        daemon = subprocess.Popen(
            self.inside("env", "AVAHI_INTERFACES=cable", AVAHI_SESSION, self.name,
                        "sh", "-c", 'echo "$DBUS_SYSTEM_BUS_ADDRESS"; exec sleep infinity'),
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.processes.append(daemon)
        self.env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=daemon.stdout.readline().strip())
        return bool(self.env["DBUS_SYSTEM_BUS_ADDRESS"])

    def cli(self, *argv, **options):
        command = self.inside(CLI, "--data-dir", self.data, "--json", *argv)
        return subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=sys.stderr, text=True,
                                **options)

    def close(self):
        for process in reversed(self.processes):
            os.killpg(process.pid, signal.SIGKILL)  # daemons of the session too: they hold our output open
            process.wait()


def next_event(process, *names):
    for line in process.stdout:
        event = json.loads(line)
        if event.get("event") in names:
            return event
    return {"event": "ended", "status": process.wait()}


def scenario(ada, bob, sent):
    hosting = ada.cli("pair")
    code = next_event(hosting, "code")
    tap.check(code["event"] == "code", "a code is shown")
    joining = bob.cli("pair", code["words"])
    joined = next_event(joining, "paired", "failed")
    tap.check(joined["event"] == "paired", f"paired by words, without an address: {joined}")
    tap.check(next_event(hosting, "paired", "failed")["event"] == "paired", "both sides say so")
    tap.check(joining.wait(20) == 0 and hosting.wait(20) == 0, "both end with status 0")

    serving = ada.cli("serve", "--receive-dir", ada.inbox, "--accept", "paired")
    listening = next_event(serving, "listening")
    threading.Thread(target=serving.stdout.read, daemon=True).start()  # a full pipe would stop it
    tap.check(any(a.startswith(ada.address + ":") for a in listening["addresses"]), "the cable's address is listed")
    sending = bob.cli("send", "--to", listening["node_id"], sent)
    done = next_event(sending, "done", "failed")
    tap.check(done["event"] == "done" and sending.wait(20) == 0, f"sent without an address: {done}")
    found = tree.differences(sent, ada.inbox / sent.name)
    tap.check(not found, "every byte, mode and time is the same", *found[:10])
    ping = bob.cli("ping", listening["node_id"])
    tap.check(ping.wait(20) == 0, "ping over the cable")
    serving.terminate()
    tap.check(serving.wait(20) == 0, "serve ends cleanly")


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="two-hosts-"))
    hosts = []
    try:
        hosts = [Host("ada", "192.0.2.1", home / "ada"), Host("bob", "192.0.2.2", home / "bob")]
        ada, bob = hosts
        subprocess.run(ada.inside("ip", "link", "add", "cable", "type", "veth",
                                  "peer", "name", "cable", "netns", bob.holder.pid), check=True)
        for host in hosts:
            host.plug()
            tap.check(host.start_avahi(), f"avahi-daemon runs on {host.name}")
        scenario(ada, bob, tree.make(home / "Fähre", files=500, big=20_000_000))
    finally:
        for host in hosts:
            host.close()
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
