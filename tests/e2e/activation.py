#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window is started by D-Bus, as desktops do it: when it is launched, for files and links, and by a button of a notification that has outlived
the program. usage: activation.py [BUILD-DIR [APP-ID]]"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import tap
from desktop import Desktop, Failure
from waiting import PATIENCE, until

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve()
APP_ID = sys.argv[2] if len(sys.argv) > 2 else "io.github.wherry.Wherry.Devel"
PATH = "/" + APP_ID.replace(".", "/")


def call(desktop, method, *arguments, at=APP_ID, path=PATH):
    return subprocess.run(["gdbus", "call", "--session", "-d", at, "-o", path, "-m", method, *arguments], env=desktop.env, capture_output=True,
                          text=True, timeout=PATIENCE)


def runs(desktop):
    return "true" in call(desktop, "org.freedesktop.DBus.NameHasOwner", APP_ID, at="org.freedesktop.DBus", path="/").stdout


def opens(desktop, what, argv, role, name):
    """The program is started by @argv alone, and shows something."""
    tap.check(not runs(desktop), f"before {what} nothing runs")
    app = desktop.start(argv, seen_as="wherry")
    started = app.process.wait(PATIENCE)
    try:
        seen = app.see(role, name, how="part")
    except Failure as failure:
        seen = None
        print("".join(f"# {line}\n" for line in str(failure).splitlines()), end="")
    tap.check(started == 0 and seen, what, f"{argv} ended with {started}")
    return app


def quits(desktop):
    """As the session does it; a dialog does not keep it."""
    told = call(desktop, "org.freedesktop.DBus.GetConnectionUnixProcessID", APP_ID, at="org.freedesktop.DBus", path="/").stdout
    os.kill(int(re.search(r"uint32 (\d+)", told)[1]), signal.SIGTERM)
    until(lambda: not runs(desktop), "the end of the program")


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-activation-"))
    desktop = Desktop("Ada", home / "desktop", size=(1000, 760))
    services = desktop.home / "services"
    services.mkdir()
    installed = (BUILD / f"data/{APP_ID}.service").read_text()
    program, separator, rest = installed.partition("Exec=")[2].partition(" ")
    (services / f"{APP_ID}.service").write_text(installed.replace(f"Exec={program}", f"Exec={BUILD}/app/wherry"))
    (home / "ä % b.txt").write_text("x")
    action = ["gdbus", "call", "--session", "-d", APP_ID, "-o", PATH, "-m", "org.freedesktop.Application.ActivateAction"]
    try:
        with desktop:
            opens(desktop, "gapplication launch opens the window", ["gapplication", "launch", APP_ID], "button", "Add Device")
            shares = desktop.home / ".local/share"
            folders = until(lambda: [path.name for path in shares.glob("wherry*")], "a data folder")
            tap.check(folders == ["wherry-devel" if APP_ID.endswith("Devel") else "wherry"], "on the data folder of this profile", *folders)
            quits(desktop)
            # Without a device nothing can be sent, and the window says so: that is how it tells that it knows the file.
            opens(desktop, "a file is opened", ["gapplication", "launch", APP_ID, str(home / "ä % b.txt")], "label", "Add a device first")
            quits(desktop)
            opens(desktop, "a link is entered", ["gapplication", "launch", APP_ID, "wherry://pair?x=1"], "label", "Pairing link")
            call(desktop, "org.freedesktop.Application.ActivateAction", "quit", "[]", "{}")
            until(lambda: not runs(desktop), "the end of the program")
            tap.check(True, "Quit ends it, whatever dialog is open")
            for name in ("show-offer", "accept-offer"):
                app = opens(desktop, f"{name} of an offer that is gone opens the window", [*action, name, "[<'0123'>]", "{}"], "button", "Add Device")
                tap.check("dialog" not in app.tree() and "0123" not in app.tree(), "and says nothing of it", app.tree())
                quits(desktop)
            tap.check(call(desktop, "org.freedesktop.Application.ActivateAction", "decline-offer", "[<'0123'>]", "{}").returncode == 0,
                      "decline-offer of an offer that is gone is taken")
            until(lambda: not runs(desktop), "the end of a program that has nothing to do")
            tap.check(True, "and the program ends by itself, without a window")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
