#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""demo.py BUILD-DIR OUT: two Wherrys in Flatpak sandboxes and one outside of them do the main job, through their windows and portals.

They find each other by Avahi (from the sandbox through Flatpak's proxy of the system bus) and pair by three words. Each receives a real folder of
another; every byte, mode and time is compared. A sandboxed one asks once for the folder that received files go to, and never again, also after
a restart. Run it in tests/avahi-session with FLATPAK_USER_DIR and FLATPAK_SYSTEM_DIR set; screenshots are in OUT.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import tree  # noqa: E402
from desktop import App, Desktop, Failure  # noqa: E402
from sandboxed_desktop import SandboxedDesktop  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

BUILD, OUT = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
APP_ID = "io.github.wherry.Wherry"
TITLE = "Wherry"
SIZE = (1280, 860)  # larger than the window, which the pointer must be able to leave


points = 0


def say(text, ok=True):
    """A point of TAP for each thing that was done."""
    global points
    points += 1
    print(f"{'ok' if ok else 'not ok'} {points} - {text}", flush=True)


class Native:
    def __init__(self, name, home, port=0):
        self.name, self.port = name, port
        self.desktop = self.make_desktop(name, home)
        self.shots = 0

    def make_desktop(self, name, home):
        return Desktop(name, home, size=SIZE)

    def start(self):
        self.app = self.desktop.start(self.named(str(BUILD / "app/wherry"), "--data-dir", str(self.desktop.home / "data"),
                                                 "--port", str(self.port)))
        self.app.see("button", "Add Device")

    def named(self, *command):
        return ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name, *command]

    def screenshot(self, what):
        self.shots += 1
        self.desktop.screenshot(OUT / f"{self.name}-{self.shots}-{what}.png")

    def show(self, other):
        self.desktop.tap(TITLE, *self.app.middle("label", other.name))

    def drop(self, folder):
        self.desktop.drop(TITLE, *self.app.middle("label", "Drop files or folders here"), [folder])

    def accept(self):
        self.app.click("button", "Accept")

    def quit(self):
        self.app.quit()
        return self.app.process.returncode

    @property
    def inbox(self):
        return self.desktop.home / "Downloads"


class Sandboxed(Native):
    def make_desktop(self, name, home):
        return SandboxedDesktop(name, home, size=SIZE)

    def start(self):
        begun = time.monotonic()
        self.app = self.desktop.start(self.named("flatpak", "--user", "run", APP_ID, "--port", str(self.port)), seen_as="wherry")
        self.app.see("button", "Add Device")
        return time.monotonic() - begun

    def drop(self, folder):
        transfer = self.desktop.spawn([sys.executable, str(HERE / "portal_transfer.py"), str(folder)], log="transfer.log",
                                      stdout=subprocess.PIPE, text=True)
        key = transfer.stdout.readline().strip()
        if not key:
            raise Failure("the document portal gave no key: " + (self.desktop.home / "transfer.log").read_text())
        self.desktop.drop(TITLE, *self.app.middle("label", "Drop files or folders here"), [folder], key=key)

    def chooser(self):
        """The portal's file chooser, a window of another program."""
        return App(self.desktop, self.app.process, seen_as="xdg-desktop-portal-gtk")

    def choose_downloads(self):
        """It opens at Downloads, whatever the sandbox sees."""
        chooser = self.chooser()
        chooser.see("button", "Receive Here")
        self.screenshot("is-asked-for-a-folder")
        chooser.click("button", "Receive Here")
        chooser.gone("button", "Receive Here")

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


def arrived(sender, receiver, folder):
    until(lambda: not tree.differences(folder, receiver.inbox / folder.name), f"{receiver.name} to have the folder")
    sender.app.hear("Sent")
    receiver.app.hear("Received")
    say(f"{sender.name} sent {receiver.name} a folder; every byte, mode and time is the same")


def offer(sender, receiver, folder):
    sender.show(receiver)
    sender.drop(folder)
    return folder


def main_job(home, ada, bob, cleo):
    seconds = ada.start()
    bob.start()
    say(f"Wherry runs, Ada's in a sandbox, whose window was usable after {seconds:.1f} s")
    ada.screenshot("starts")
    pair(ada, bob)

    folder = offer(bob, ada, tree.make(home / "Fähre nach Übersee", files=300, big=20_000_000))
    ada.accept()
    ada.choose_downloads()
    arrived(bob, ada, folder)
    ada.screenshot("received")
    shows_folder(ada, folder)
    arrived(ada, bob, accepted(bob, offer(ada, bob, tree.make(home / "Rückfahrt", files=300, big=20_000_000, seed=2))))
    is_unseen(home, ada)

    cleo.start()
    pair(cleo, ada)
    cleo.desktop.take_focus()
    cleo.app.tree()  # and it knows
    folder = offer(ada, cleo, tree.make(home / "Für Cleo", files=30, big=1_000_000, seed=3))
    by_notification(cleo, ada)
    cleo.choose_downloads()
    arrived(ada, cleo, folder)
    arrived(cleo, ada, accepted(ada, offer(cleo, ada, tree.make(home / "Von Cleo", files=30, big=1_000_000, seed=4))))


def accepted(receiver, folder):
    receiver.app.see("button", "Accept")
    receiver.accept()
    return folder


def shows_folder(ada, folder):
    """The portal hands it to the file manager, by a path that both know."""
    ada.app.click("button", "Open Folder")
    uris = ada.desktop.shown()
    if len(uris) != 1 or not urllib.parse.unquote(uris[0]).endswith(f"/{ada.inbox.name}/{folder.name}"):
        raise Failure(f"the file manager was to show {uris}")
    say("Open Folder shows it in the file manager")


def by_notification(receiver, sender):
    """The window is not looked at; the offer is accepted where the desktop tells it."""
    summary, body, actions = receiver.desktop.notified()
    if sender.name not in summary or "Accept" not in actions:
        raise Failure(f"the notification is “{summary}”, “{body}”, {actions}")
    receiver.desktop.choose_action(actions["Accept"])
    say(f"{receiver.name} accepted in the notification")


def is_unseen(home, ada):
    """A path of a program that knows no portal says nothing in a sandbox; the person is told, and chooses the file instead."""
    secret = home / "Geheim.txt"
    secret.write_text("not chosen yet")
    try:
        Native.drop(ada, secret)
    except Failure as failure:
        if "did not take" not in str(failure):
            raise
    else:
        raise Failure("the window took a drop that it cannot see")
    ada.app.hear("outside of Wherry")
    ada.screenshot("cannot-see-a-file")
    ada.app.click("button", "Choose Files…")
    chooser = ada.chooser()
    chooser.see("button", "Send")
    ada.desktop.keys("Escape")
    chooser.gone("button", "Send")
    ada.screenshot("has-chosen-nothing")
    say("A file that the sandbox hides is told, with a button that chooses it")


def run_beside(ada, *command):
    """Another program of the same person's desktop."""
    ran = subprocess.run(["nsenter", f"--mount=/proc/{ada.desktop.namespace.pid}/ns/mnt", f"--wd={os.getcwd()}", "--", *map(str, command)],
                         env=ada.desktop.env, capture_output=True, text=True, timeout=PATIENCE)
    if ran.returncode != 0 and command[0] != "flatpak":
        raise Failure(f"{command} ended with {ran.returncode}: {ran.stderr}")
    return ran


def opens_files(home, ada, bob):
    """Open With of a file manager, whose files come through the document portal. Folders do not (GLib 2.84 gives their plain paths); the
    window says so, as the command line does of a plain path."""
    exported = pathlib.Path(os.environ["FLATPAK_USER_DIR"]) / f"exports/share/applications/{APP_ID}.desktop"
    files = [home / "Einzeln.txt", home / "Zu zweit.txt"]
    for file in files:
        file.write_text(f"contents of {file.name}")
    run_beside(ada, HERE / "open_with.py", exported, *(file.as_uri() for file in files))
    ada.app.see("label", f"{files[0].name} and 1 more", within=["dialog", None])
    ada.screenshot("opens-with")
    ada.desktop.tap(TITLE, *ada.app.middle("label", bob.name, within=["dialog", None]))
    bob.accept()
    for file in files:
        arrives = bob.inbox / file.name
        until(lambda: arrives.exists() and arrives.read_text() == file.read_text(), f"Bob to have {file.name}")
    folder = tree.make(home / "Mit öffnen", files=20, big=100_000, seed=6)
    run_beside(ada, HERE / "open_with.py", exported, folder.as_uri(), files[0].as_uri())
    ada.app.hear("2 items are outside of Wherry")
    told = run_beside(ada, "flatpak", "--user", "run", APP_ID, files[0]).stderr
    if "sandbox" not in told:
        raise Failure(f"a path that the sandbox hides was not told: {told}")
    say("Open With sends several files; what the sandbox hides is told")


def starts_again(home, ada, bob):
    bob.app.gone("button", "Accept")
    if ada.quit() != 0:
        raise Failure("the sandboxed one did not end cleanly")
    keyrings = list((ada.desktop.home / f".var/app/{APP_ID}/data/keyrings").glob("*"))
    secrets = list((ada.desktop.home / f".var/app/{APP_ID}").rglob("identity.key"))
    if not keyrings or secrets:
        raise Failure(f"the secrets are in {keyrings + secrets}, not in the keyring whose key the Secret portal gives")
    ada.start()
    ada.app.see("label", bob.name)
    folder = offer(bob, ada, tree.make(home / "Zweite Fähre", files=30, big=1_000_000, seed=5))
    ada.show(bob)
    ada.accept()
    arrived(bob, ada, folder)
    say("Started again, the sandboxed one knows the other, and receives without asking for a folder")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    home = pathlib.Path(tempfile.mkdtemp(prefix="flatpak-", dir="/tmp"))
    ada, bob, cleo = Sandboxed("Ada", home / "ada", 11301), Native("Bob", home / "bob"), Sandboxed("Cleo", home / "cleo")
    people = (ada, bob, cleo)
    try:
        with ada.desktop, bob.desktop, cleo.desktop:
            try:
                main_job(home, ada, bob, cleo)
                starts_again(home, ada, bob)
                opens_files(home, ada, bob)
                status = [person.quit() for person in people]
                if status != [0, 0, 0]:
                    raise Failure(f"they did not end cleanly: {status}")
            except Failure:
                for person in people:
                    person.screenshot("failed")
                raise
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        say(f"the demo failed: {failure}", ok=False)
        for person in people:
            for path in sorted(person.desktop.home.glob("*.log")):
                if path.stat().st_size:
                    print(f"--- {person.name}'s {path.name}\n{path.read_text(errors='replace')[-3000:]}", flush=True)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"1..{points}\n# screenshots: {OUT}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
