#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""wherry-cli between two data directories over loopback: identities, pairing, sending, and every line of --json; with "shared" all of it while
another wherry-cli serves on the same data directories, so that each command asks that one over D-Bus. usage: cli.py [BUILD-DIR [shared]]"""
import pathlib
import shutil
import signal
import sys
import tempfile

import command
import tap
import tree

CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
SHARED = "shared" in sys.argv[2:]
FILES = 3000


def identity(ada):
    first, second = ada.run("id"), ada.run("id")
    tap.check(first.finish() == 0 and first.events == second.events and len(first.events) == 1, "id is one line, the same each time",
              *first.details())
    plain = ada.plain("id")
    tap.check(plain.stdout.splitlines()[0] == first.events[0]["node_id"], "id for people begins with the node id", plain)
    return first.events[0]["node_id"]


def usage(ada):
    for what, arguments, named in (
            ("no command", [], "COMMAND"), ("an unknown command", ["frobnicate"], "frobnicate"),
            ("an unknown option", ["send", "--frobnicate"], "--frobnicate"), ("a relay", ["devices", "--relay", "x"], "relay"),
            ("a port out of range", ["id", "--port", "70000"], "--port"), ("send without --to", ["send", "/"], "--to"),
            ("serve with a wrong policy", ["serve", "--accept", "maybe"], "maybe"),
            ("a word that is not in the list", ["pair", "brave-lion-sunsat"], "sunsat"), ("two words", ["pair", "brave-lion"], "")):
        run = ada.plain(*arguments)
        tap.check(run.returncode == 2 and named in run.stderr and not run.stdout, f"usage: {what}", run)
    for arguments in (["--help"], ["send", "--help"], ["help"], ["--version"]):
        run = ada.plain(*arguments)
        tap.check(run.returncode == 0 and run.stdout, f"{' '.join(arguments)} is no mistake", run)
    missing = ada.run("send", "--to", "nobody", "/no/such/file")
    tap.check(missing.finish() == 5 and "/no/such/file" in missing.errors, "send names a file that is not there", *missing.details())
    nobody = ada.run("send", "--to", "nobody", "/etc/passwd")
    tap.check(nobody.finish() == 3 and "nobody" in nobody.errors and nobody.told("failed"), "send names a device that is not known",
              *nobody.details())


def wrong_codes(ada, bob):
    hosting = ada.start("pair")
    at, words = command.address(hosting), hosting.next("code")["words"]
    wrong = "zoo-zoo-zoo" if words != "zoo-zoo-zoo" else "zoo-zoo-abandon"
    typo = bob.run("pair", "zoo-zoo-zzz", "--address", at)
    tap.check(typo.finish() == 2 and "zzz" in typo.errors, "a word that is not in the list is named", *typo.details())
    for left in (2, 1):
        guess = bob.run("pair", wrong, "--address", at)
        tap.check(guess.finish() == 4 and guess.events[-1:] == [{"event": "failed", "reason": "wrong-code", "attempts_left": left}],
                  f"a wrong code: {left} left, as the one who guessed sees it", *guess.details())
        seen = hosting.next("failed")
        tap.check((seen.get("reason"), seen.get("attempts_left")) == ("wrong-code", left), "and as the one who shows the code does", seen)
    right = bob.run("pair", words, "--address", at)
    tap.check(right.finish() == 0 and hosting.finish() == 0, "the last attempt, and the typo cost none", *right.details(), *hosting.details())
    mine, theirs = right.told("paired"), hosting.told("paired")
    tap.check(mine and theirs and mine[0]["device"]["node_id"] != theirs[0]["device"]["node_id"], "each says whom it is paired with",
              mine, theirs)

    hosting = ada.start("pair")
    at, words = command.address(hosting), hosting.next("code")["words"]
    for _ in range(3):
        last = bob.run("pair", wrong, "--address", at)
    tap.check(last.finish() == 4 and hosting.finish() == 4 and hosting.events[-1]["reason"] == "too-many-attempts" and
              hosting.events[-1]["attempts_left"] == 0, "the third wrong code kills it", *last.details(), *hosting.details())
    late = bob.run("pair", words, "--address", at)
    left = (4, "no-code") if SHARED else (3, "unreachable")
    tap.check((late.finish(), late.events[-1:] and late.events[-1]["reason"]) == left, "then nobody is there any more, or shows no code", *late.details())


def cancelled_code(ada, bob):
    hosting = ada.start("pair")
    hosting.next("code")
    tap.check(hosting.stop() == 6 and hosting.events[-1].get("reason") == "cancelled", "Ctrl-C takes the code back", *hosting.details())


def links(ada, cyd, dan):
    hosting = ada.start("pair", "--yes")
    at, code = command.address(hosting), hosting.next("code")
    joining = cyd.run("pair", "-", "--address", at, stdin=code["link"] + "\n")
    tap.check(joining.finish() == 0 and hosting.finish() == 0, "paired by a link that came through the standard input",
              *joining.details(), *hosting.details())
    hosting = ada.start("pair")
    at, code = command.address(hosting), hosting.next("code")
    joining = dan.run("pair", code["link"], "--address", at)
    tap.check(joining.finish() == 4 and joining.events[-1]["reason"] == "declined" and hosting.finish() == 4 and
              hosting.events[-1]["reason"] == "declined-here", "nobody there to say yes: a link is declined", *joining.details(), *hosting.details())


def known(ada, bob_id, cyd_id):
    listing = ada.run("devices")
    tap.check({event["node_id"] for event in listing.told("device") if event["paired"]} == {bob_id, cyd_id}, "devices lists the paired ones",
              *listing.details())
    plain = ada.plain("devices")
    tap.check(plain.stdout.count("paired") == 2, "and for people", plain)


def texts(ada, bob, bob_id):
    serving = ada.serve()
    ada_id = serving.events[0]["node_id"]
    for said, stdin in (("Grüße,\n\x1b[31mzwei Zeilen", None), ("from a pipe", "from a pipe\n")):
        run = bob.run("send-text", ada_id, "--address", serving.address, "-" if stdin else said, stdin=stdin)
        tap.check(run.finish() == 0 and run.told("text-delivered"), "a text is delivered", *run.details())
        heard = serving.next("text")
        tap.check(heard.get("text") == said and heard["device"]["node_id"] == bob_id, "and told as it was said", heard)
    for bad, status in (("", 2), ("a\0b", 2), ("x" * (128 * 1024 + 1), 2)):
        run = bob.run("send-text", ada_id, "--address", serving.address, "-", stdin=bad)
        tap.check(run.finish() == status, "nothing, or too much, is refused", *run.details())
    serving.stop()
    away = bob.run("send-text", ada_id, "while you were away")
    tap.check(away.finish() == 3 and away.told("text-queued"), "one for a device that is away is kept", *away.details())
    serving = ada.serve()
    run = bob.run("send-text", ada_id, "--address", serving.address, "and this")
    tap.check(run.finish() == 0, "and sent by the next command, before what that says", *run.details())
    heard = [serving.next("text").get("text") for _ in range(2)]
    tap.check(heard == ["while you were away", "and this"], "in order", heard)
    serving.stop()


def sending(ada, bob, sent):
    serving = ada.serve()
    ada_id = serving.events[0]["node_id"]
    ping = bob.run("ping", ada_id, "--address", serving.address)
    tap.check(ping.finish() == 0 and ping.events[-1]["rtt"] < 60, "ping", *ping.details())
    run = bob.run("send", "--to", ada_id[:8], "--address", serving.address, sent)
    tap.check(run.finish() == 0, "a tree of thousands of files is sent", *run.details())
    found = tree.differences(sent, ada.inbox / sent.name)
    tap.check(not found, "every byte, mode and time is the same", *found[:10])
    files, _, size = tree.summary(sent)
    done, offered = run.told("done"), run.told("offered")
    tap.check(done and (done[0]["files"], done[0]["bytes"]) == (files, size), "done counts what there was", done, files, size)
    tap.check([event["event"] for event in run.events][0] == "offered" and offered[0]["bytes"] == size, "offered comes first", run.events[:2])
    steps = [event["bytes"] for event in run.told("progress")]
    tap.check(steps == sorted(steps) and all(event["total"] == size for event in run.told("progress")), "progress only grows", steps)

    ended = serving.next("transfer")
    offers, received = serving.told("offer"), serving.told("received")
    tap.check(ended.get("state") == "done" and ended["transfer_id"] == offers[0]["transfer_id"] == offered[0]["transfer_id"],
              "both speak of the same transfer", ended, offers)
    tap.check(offers[0]["names"] == [sent.name] and offers[0]["bytes"] == size, "the offer names what comes", offers)
    tap.check(len(received) == files and sum(event["bytes"] for event in received) == size, "each file is told", len(received), files)
    paths = {event["path"] for event in received}
    tap.check(all(pathlib.Path(ada.inbox, path).is_file() for path in paths) and len(paths) == files, "under the name that it has",
              *sorted(paths)[:5])

    again = bob.run("send", "--to", ada_id, "--address", serving.address, sent / "empty file", sent / "empty folder")
    tap.check(again.finish() == 0 and (ada.inbox / "empty file").stat().st_size == 0 and (ada.inbox / "empty folder").is_dir(),
              "an empty file and an empty folder", *again.details())
    (bob.home / "note").write_text("first")
    bob.run("send", "--to", ada_id, "--address", serving.address, bob.home / "note")
    (bob.home / "note").write_text("second")
    bob.run("send", "--to", ada_id, "--address", serving.address, bob.home / "note")
    notes = sorted(path.read_text() for path in ada.inbox.glob("note*"))
    tap.check(notes == ["first", "second"], "a name that is taken keeps both", notes)
    tap.check(serving.stop() == 0, "Ctrl-C ends serve with status 0", *serving.details())
    return ada_id


def refused(ada, bob, ada_id):
    for policy in ("none", "ask"):
        serving = ada.serve("--accept", policy)
        run = bob.run("send", "--to", ada_id, "--address", serving.address, "/etc/passwd")
        tap.check(run.finish() == 4 and run.events[-1].get("reason") == "declined", f"serve --accept {policy} without a person declines",
                  *run.details())
        serving.stop()
    run = bob.run("send", "--to", ada_id, "--address", serving.address, "/etc/passwd")
    tap.check(run.finish() == 3 and run.events[-1].get("reason") == "offline", "nobody serves: offline", *run.details())
    run = bob.run("ping", ada_id, "--address", serving.address)
    tap.check(run.finish() == 3, "and no ping either", *run.details())


def asked(ada, bob, ada_id, dan):
    """At a terminal a person is asked."""
    note = bob.home / "asked"
    note.write_text("please")
    for answer, status, arrives in (("n", 4, False), ("y", 0, True)):
        serving = ada.terminal("serve", "--receive-dir", ada.inbox)
        at = serving.see(r"listens on port (\d+)")
        sending = bob.start("send", "--to", ada_id, "--address", f"127.0.0.1:{at[1] if at else 0}", note)
        tap.check(serving.see(r"offers 1 file, 6\sbytes: asked\r\n.*\[y/N\]"), "an offer is a question on the terminal", serving.seen)
        serving.type(answer + "\n")
        tap.check(sending.finish() == status and (ada.inbox / "asked").exists() == arrives, f"“{answer}” is the answer", *sending.details())
        if arrives:
            tap.check(serving.see("Received 1 file from"), "what arrived is told", serving.seen)
        serving.process.send_signal(signal.SIGINT)
        tap.check(serving.finish() == 0, "Ctrl-C ends it", serving.seen)

    hosting = ada.terminal("pair", "--qr")
    at, words, link = hosting.see(r"listens on port (\d+)"), hosting.see(r"    ([a-z]+-[a-z]+-[a-z]+)\r"), hosting.see(r"(wherry://\S+)")
    tap.check(at and words and link and hosting.see("█ ▄▄▄▄▄ █"), "a code has words, a link and a picture", hosting.seen)
    joining = dan.start("pair", link[1], "--address", f"127.0.0.1:{at[1]}")
    tap.check(hosting.see(r"Pair with .*\? \[y/N\]"), "who opens the link is named", hosting.seen)
    hosting.type("y\n")
    tap.check(joining.finish() == 0 and hosting.see("Paired with") and hosting.finish() == 0, "and let in", hosting.seen, *joining.details())


def one_at_a_time(ada):
    serving = ada.serve()
    second = command.Device.start(ada, "serve")
    tap.check(second.finish() == 3 and "--data-dir" in second.errors, "a second that serves from one data directory says what to do",
              *second.details())
    third = ada.run("id")
    if SHARED:
        tap.check(third.finish() == 0 and third.events[0]["node_id"] == serving.events[0]["node_id"], "another command asks the first", *third.details())
    else:
        tap.check(third.finish() == 3 and "--data-dir" in third.errors, "so does another command where no bus joins them", *third.details())
    serving.stop()


def unpaired(ada, bob, ada_id, bob_id):
    gone = bob.run("unpair", ada_id)
    tap.check(gone.finish() == 0 and gone.told("unpaired"), "unpair while the other is away", *gone.details())
    run = bob.run("send", "--to", ada_id, "/etc/passwd")
    tap.check(run.finish() == 3, "then it is not known here", *run.details())
    serving = bob.serve()
    run = ada.run("send", "--to", bob_id, "--address", serving.address, "/etc/passwd")
    tap.check(run.finish() in (3, 4) and not serving.told("offer") and not (bob.inbox / "passwd").exists(),
              "and whoever still believes in the pairing gets nothing", *run.details())
    serving.stop()


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-cli-"))
    bus = command.Bus(home) if SHARED else None
    ada, bob, cyd, dan = devices = [(command.Shared if SHARED else command.Device)(CLI, home, name) for name in ("ada", "bob", "cyd", "dan")]
    try:
        ids = [identity(device) for device in (ada, bob, cyd)]
        tap.check(len(set(ids)) == 3, "every data directory is a device of its own")
        usage(ada)
        wrong_codes(ada, bob)
        cancelled_code(ada, bob)
        links(ada, cyd, dan)
        known(ada, ids[1], ids[2])
        texts(ada, bob, ids[1])
        ada_id = sending(ada, bob, tree.make(home / "Fähre 渡し船", files=FILES, big=50_000_000))
        refused(ada, bob, ada_id)
        asked(ada, bob, ada_id, dan)
        one_at_a_time(ada)
        unpaired(ada, bob, ids[0], ids[1])
        tap.check(not command.broken, "every line of --json kept the contract", *command.broken[:20])
    finally:
        if SHARED:
            for device in devices:
                device.release()
            bus.stop()
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
