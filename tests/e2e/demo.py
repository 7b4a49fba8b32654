#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""demo.py BUILD-DIR [--screenshots DIR]: two complete Wherrys on two private desktops do the main job, through their windows.

They discover each other by a private avahi-daemon, pair by three words, one is dropped a real folder, the other accepts it, and
every byte, mode and time is compared. Says what happens and leaves screenshots in DIR (BUILD-DIR/demo). It is also a test: the exit status is
0 only when everything held. Run it in tests/avahi-session.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import command
import tree
from desktop import Desktop, Failure

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--screenshots", type=pathlib.Path)
options = parser.parse_args()
BUILD = options.build.resolve()
SCREENSHOTS = (options.screenshots or BUILD / "demo").resolve()
TITLE = "Wherry"


def say(text):
    print(text, flush=True)


class Person:
    """Somebody at a desktop with a Wherry window."""

    def __init__(self, name, home, **options):
        self.name = name
        self.desktop = Desktop(name, home, size=(920, 640), **options)
        self.shots = 0

    def start(self):
        # A namespace with a hostname of its own: the device is called after it, as on a real machine.
        self.app = self.desktop.start(
            ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name,
             str(BUILD / "app/wherry"), "--data-dir", str(self.desktop.home / "data"), "--port", "0"])
        self.app.see("button", "Add Device")

    def screenshot(self, what):
        self.shots += 1
        self.desktop.screenshot(SCREENSHOTS / f"{self.name}-{self.shots}-{what}.png")

    @property
    def inbox(self):
        return self.desktop.home / "Downloads"


def pair(ada, bob):
    ada.app.click("button", "Add Device")
    words = ada.app.see("label", "[a-z]+ [a-z]+ [a-z]+", how="pattern")["name"]
    ada.screenshot("shows-a-code")
    bob.app.see("label", ada.name)
    say(f"{bob.name} discovered {ada.name} on the network")
    bob.app.click("button", "Pair…")
    for position, word in zip(("First", "Second", "Third"), words.split()):
        bob.app.type("text", f"{position} word", word)
    bob.screenshot("enters-the-words")
    bob.app.click("button", "Pair")
    for person, other in ((ada, bob), (bob, ada)):
        person.app.see("label", other.name, within=["dialog", None], how="part")
    bob.screenshot("paired")
    for person in (ada, bob):
        person.app.click("button", "Done")
        # GTK shows a button pressed for a moment before it acts: what comes next must not meet the dialog.
        person.app.gone("button", "Done")
    say("They paired by three words")


def send(ada, bob, folder):
    files, folders, size = tree.summary(folder)
    bob.desktop.tap(TITLE, *bob.app.middle("label", ada.name))
    bob.desktop.drop(TITLE, *bob.app.middle("label", "Drop files or folders here"), [folder],
                     ["trash:///old", "file://otherhost/etc/passwd"])
    bob.app.hear("2 items are not on this computer and were left out.")
    say(f"{bob.name} drops a folder: {files} files, {folders} folders, {size / 1e6:.0f} MB")
    ada.app.see("button", "Accept")
    ada.screenshot("is-offered-a-folder")
    start = time.monotonic()
    ada.app.click("button", "Accept")
    bob.screenshot("sends")
    ada.app.see("label", "Received", how="part")
    bob.app.see("label", "Sent", how="part")
    say(f"{ada.name} received it, verified, in {time.monotonic() - start:.1f} s")
    ada.screenshot("received")
    bob.screenshot("sent")

    found = tree.differences(folder, ada.inbox / folder.name)
    if found:
        raise Failure("the trees differ:\n" + "\n".join(found[:20]))
    say("Every byte, mode and time is the same")


def main():
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    home = pathlib.Path(tempfile.mkdtemp(prefix="demo-", dir=BUILD))
    ada, bob = Person("Ada", home / "ada"), Person("Bob", home / "bob", dark=True)
    try:
        folder = tree.make(home / "Fähre nach Übersee", files=300,
                           big=20_000_000 if command.sanitized(BUILD / "app/wherry") else 100_000_000)
        with ada.desktop, bob.desktop:
            ada.start()
            bob.start()
            say("Two Wherrys run, each on a desktop of its own")
            ada.screenshot("starts")
            pair(ada, bob)
            send(ada, bob, folder)
            for person in (ada, bob):
                if person.app.quit() != 0:
                    raise Failure(f"{person.name}'s Wherry did not end cleanly: status {person.app.process.returncode}")
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        say(f"The demo failed: {failure}")
        for person in (ada, bob):
            log = person.desktop.home / "wherry.log"
            if log.exists():
                say(f"--- {person.name}'s log\n{log.read_text(errors='replace')[-3000:]}")
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    say(f"Screenshots: {SCREENSHOTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
