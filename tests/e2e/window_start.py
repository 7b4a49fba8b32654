#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window is started with and what it tells the desktop: files by odd names, URIs, folders in use; notifications of what peers
chose to call things. usage: window_start.py [BUILD-DIR]"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import command
import tap
from desktop import Desktop, Failure
from waiting import PATIENCE, until

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve()
HERE = pathlib.Path(__file__).resolve().parent
HOSTILE = "<b>Update needed<br><a href='https:&#47;&#47;evil.example'>Install now.txt"


def start(desktop, data, cwd, *arguments):
    argv = ["env", "-C", cwd, BUILD / "app/wherry", "--data-dir", data, "--port", "0", "--no-mdns", *arguments]
    return desktop.start([str(argument) for argument in argv])


def sees(app, *what, **options):
    try:
        return app.see(*what, **options)
    except Failure as failure:
        print("".join(f"# {line}\n" for line in str(failure).splitlines()), end="")
        return None


def opened(desktop, home):
    """Without a device nothing can be sent, and the window says so: that is how it tells that it knows the file."""
    (home / "Part1:x.txt").write_text("x")
    (home / "a b%41.txt").write_text("x")
    known = "Add a device first"
    for what, given in (("a relative name with a colon", ["Part1:x.txt"]), ("a per cent sign", ["a b%41.txt"]),
                        ("a URI", [(home / "a b%41.txt").as_uri()]), ("a dash", ["--", "./Part1:x.txt"])):
        app = start(desktop, home / "data", home, *given)
        tap.check(sees(app, "label", known, how="part"), f"wherry with {what}")
        app.quit()
    app = start(desktop, home / "data", home, "Part1:x.txt", "gone:x", "~", "https://example.org/x", "file://otherhost/etc/passwd", "")
    text = (sees(app, "label", "gone:x", how="part") or {"name": ""})["name"]
    tap.check(all(name in text for name in ("gone:x", "“~”", "https://example.org/x", "file://otherhost/etc/passwd", "“”")),
              "each that cannot be sent is named", text)
    tap.check("Part1" not in text, "and no other", text)
    app.quit()
    app = start(desktop, home / "data", home, "wherry://pair?x=1")
    tap.check(sees(app, "label", "Pairing link"), "a link is entered")
    app.quit()


def in_use(desktop, home):
    device = command.Device(BUILD / "app/cli/wherry-cli", home, "held")
    serving = device.serve()
    app = start(desktop, device.data, home)
    tap.check(sees(app, "label", "wherry-cli", how="part"), "the window names the program that is this device already")
    refused = device.plain("devices")
    tap.check(refused.returncode == 3 and "wherry-cli" in refused.stderr and str(serving.process.pid) in refused.stderr,
              "so does the command line", refused)
    serving.stop()
    app.click("button", "Try Again")
    tap.check(sees(app, "button", "Add Device"), "once that has ended, the window starts")
    refused = device.plain("devices")
    tap.check(refused.returncode == 3 and "window" in refused.stderr, "then a command that is not on its bus names the window", refused)
    ask = lambda *words: subprocess.run([device.cli, "--data-dir", device.data, *words], env=desktop.env, stdin=subprocess.DEVNULL,  # noqa: E731
                                        capture_output=True, text=True, timeout=PATIENCE)
    until(lambda: ask("id").returncode == 0, "an answer of the window")
    tap.check(serving.events[0]["node_id"] in ask("id").stdout, "one on its bus asks the window")
    refused = ask("serve")
    tap.check(refused.returncode == 3 and "window" in refused.stderr, "only serve does not", refused)
    app.quit()


def notified(desktop, home):
    ada, bob = (command.Device(BUILD / "app/cli/wherry-cli", home, name) for name in ("ada", "bob"))
    ada_id, _ = command.pair(ada, bob)
    server = desktop.spawn([sys.executable, HERE / "notifications.py"], log="notifications.log", stdout=subprocess.PIPE, text=True)
    tap.check(server.stdout.readline() == "ready\n", "a notification server that takes markup")
    desktop.env["GNOTIFICATION_BACKEND"] = "freedesktop"
    app = start(desktop, ada.data, home)
    sees(app, "button", "Add Device")
    desktop.take_focus()
    app.tree()  # and it knows
    port = command.udp_port(app.process.pid)
    for name, body_is in ((HOSTILE, None), ("Holiday 2024 (1).jpg", "Holiday 2024 (1).jpg")):
        (home / name.replace("/", "_")).write_text("x")
        sending = bob.start("send", "--to", ada_id, "--address", f"127.0.0.1:{port}", home / name)
        summary, body, actions = json.loads(server.stdout.readline())
        tap.check(not re.search(r"[<>&]", summary + body), "no word of a peer is markup", summary, body)
        tap.check("Install now" in body if body_is is None else body == body_is, "and the name is there to be read", body)
        tap.check(len(actions) >= 4, "with Accept and Decline", *actions)
        tap.check(sending.stop() == 6, "the offer is taken back", *sending.details())
    app.quit()


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-window-"))
    try:
        with Desktop("Ada", home / "desktop", size=(1600, 1000)) as desktop:
            for step in (opened, in_use, notified):
                if step.__name__ in sys.argv[2:] or len(sys.argv) < 3:
                    step(desktop, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
