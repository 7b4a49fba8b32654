#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that says nothing any more: its silence is told while a transfer waits for it, the transfer goes on when it is back, and is given
up when it stays away. usage: cli_silence.py [BUILD-DIR]"""
import pathlib
import shutil
import signal
import sys
import tempfile

import command
import tap

CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
BIG = 1 << 30  # a hole: it costs nothing to make, and takes long enough to be caught in the middle


def begin(bob, to, serving, big):
    sending = bob.start("send", "--to", to, "--address", serving.address, big)
    tap.check(sending.next("progress", where=lambda event: event["bytes"] > 0), "a large file is on its way", *sending.details())
    serving.process.send_signal(signal.SIGSTOP)
    tap.check(sending.next("progress", where=lambda event: event["phase"] == "silent"), "that its receiver is silent is told", *sending.details())
    return sending


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-silence-"))
    try:
        ada, bob = (command.Device(CLI, home, name) for name in ("ada", "bob"))
        ada_id, _ = command.pair(ada, bob)
        big = home / "big"
        with big.open("wb") as file:
            file.truncate(BIG)

        serving = ada.serve()
        sending = begin(bob, ada_id, serving, big)
        serving.process.send_signal(signal.SIGCONT)
        tap.check(sending.next("progress", where=lambda event: event["phase"] == "sending"), "that it is back is told", *sending.details())
        tap.check(sending.finish() == 0, "and the file arrives", *sending.details())

        sending = begin(bob, ada_id, serving, big)
        tap.check(sending.finish() == 6 and sending.events[-1].get("reason") == "connection", "one that stays away is given up",
                  *sending.details())
        serving.process.send_signal(signal.SIGCONT)
        ended = serving.next("transfer", where=lambda event: event["state"] != "done")
        tap.check(ended.get("state") == "interrupted", "and knows it when it is back", ended)
        serving.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
