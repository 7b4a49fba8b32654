#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""demo.py BUILD-DIR OUT: a Wherry in the Flatpak sandbox and one outside of it do the main job, both ways, through their windows.

They find each other by Avahi (from the sandbox through Flatpak's proxy of the system bus), pair by three words, and each receives a real
folder of the other: the sandboxed one gets its drop from the document portal. Every byte, mode and time is compared. Run it in
tests/avahi-session with FLATPAK_USER_DIR and FLATPAK_SYSTEM_DIR set; screenshots are in OUT.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import tree  # noqa: E402
from desktop import Desktop, Failure  # noqa: E402

BUILD, OUT = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
APP_ID = "io.github.wherry.Wherry"
TITLE = "Wherry"
PORTALS = ("org.freedesktop.portal.Documents", "org.freedesktop.impl.portal.PermissionStore")


def say(text):
    print(text, flush=True)


class Native:
    def __init__(self, name, home):
        self.name = name
        self.desktop = Desktop(name, home, size=(920, 640))
        self.shots = 0

    def start(self):
        self.app = self.desktop.start(self.named(str(BUILD / "app/wherry"), "--data-dir", str(self.desktop.home / "data"), "--port", "0"))
        self.app.see("button", "Add Device")

    def named(self, *command):
        return ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name, *command]

    def screenshot(self, what):
        self.shots += 1
        self.desktop.screenshot(OUT / f"{self.name}-{self.shots}-{what}.png")

    def drop(self, folder):
        self.desktop.drop(TITLE, *self.app.middle("label", "Drop files or folders here"), [folder])

    def quit(self):
        self.app.quit()
        return self.app.process.returncode

    @property
    def inbox(self):
        return self.desktop.home / "Downloads"


class Sandboxed(Native):
    def __init__(self, name, home):
        super().__init__(name, home)
        env = self.desktop.env
        # The document portal tells paths below the runtime directory, which is at this place in every sandbox.
        env["XDG_RUNTIME_DIR"] = f"/run/user/{os.getuid()}"
        del env["GDK_DEBUG"]
        services = self.desktop.home / "services"
        services.mkdir()
        for portal in PORTALS:
            shutil.copy(f"/usr/share/dbus-1/services/{portal}.service", services)

    def start(self):
        begun = time.monotonic()
        self.app = self.desktop.start(self.named("flatpak", "--user", "run", APP_ID, "--port", "0"), seen_as="wherry")
        self.app.see("button", "Add Device")
        return time.monotonic() - begun

    def drop(self, folder):
        transfer = self.desktop.spawn([sys.executable, str(HERE / "portal_transfer.py"), str(folder)], log="transfer.log",
                                      stdout=subprocess.PIPE, text=True)
        key = transfer.stdout.readline().strip()
        if not key:
            raise Failure("the document portal gave no key: " + (self.desktop.home / "transfer.log").read_text())
        self.desktop.drop(TITLE, *self.app.middle("label", "Drop files or folders here"), [folder], key=key)

    def quit(self):
        # A signal would reach bubblewrap, which kills what it contains.
        subprocess.run(["gdbus", "call", "--session", "-d", APP_ID, "-o", "/" + APP_ID.replace(".", "/"), "-m",
                        "org.gtk.Actions.Activate", "quit", "[]", "{}"], env=self.desktop.env, check=True, stdout=subprocess.DEVNULL)
        return self.app.process.wait(60)


def pair(ada, bob):
    ada.app.click("button", "Add Device")
    words = ada.app.see("label", "[a-z]+ [a-z]+ [a-z]+", how="pattern")["name"]
    bob.app.see("label", ada.name)
    say(f"{bob.name} discovered {ada.name} on the network")
    bob.app.click("button", "Pair…")
    for position, word in zip(("First", "Second", "Third"), words.split()):
        bob.app.type("text", f"{position} word", word)
    bob.app.click("button", "Pair")
    for person, other in ((ada, bob), (bob, ada)):
        person.app.see("label", other.name, within=["dialog", None], how="part")
        person.app.click("button", "Done")
        person.app.gone("button", "Done")
    say("They paired by three words")


def send(sender, receiver, folder):
    sender.desktop.tap(TITLE, *sender.app.middle("label", receiver.name))
    sender.drop(folder)
    receiver.app.see("button", "Accept")
    receiver.screenshot("is-offered-a-folder")
    receiver.app.click("button", "Accept")
    receiver.app.see("label", "Received", how="part")
    sender.app.see("label", "Sent", how="part")
    receiver.screenshot("received")
    sender.screenshot("sent")
    found = tree.differences(folder, receiver.inbox / folder.name)
    if found:
        raise Failure("the trees differ:\n" + "\n".join(found[:20]))
    say(f"{sender.name} sent {receiver.name} a folder; every byte, mode and time is the same")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    home = pathlib.Path(tempfile.mkdtemp(prefix="flatpak-", dir="/tmp"))
    ada, bob = Sandboxed("Ada", home / "ada"), Native("Bob", home / "bob")
    try:
        with ada.desktop, bob.desktop:
            seconds = ada.start()
            bob.start()
            say(f"Two Wherrys run, Ada's in a sandbox, whose window was usable after {seconds:.1f} s")
            ada.screenshot("starts")
            pair(ada, bob)
            send(bob, ada, tree.make(home / "Fähre nach Übersee", files=300, big=20_000_000))
            send(ada, bob, tree.make(home / "Rückfahrt", files=300, big=20_000_000, seed=2))
            status = [person.quit() for person in (ada, bob)]
            if status != [0, 0]:
                raise Failure(f"they did not end cleanly: {status}")
            ada.start()
            ada.app.see("label", bob.name)
            say("Started again, the sandboxed one knows the other")
            if ada.quit() != 0:
                raise Failure("the sandboxed one did not end cleanly")
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        say(f"The demo failed: {failure}")
        for person in (ada, bob):
            for log in ("wherry.log", "transfer.log"):
                path = person.desktop.home / log
                if path.exists():
                    say(f"--- {person.name}'s {log}\n{path.read_text(errors='replace')[-3000:]}")
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    say(f"Screenshots: {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
