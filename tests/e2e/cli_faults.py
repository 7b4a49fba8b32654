#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between two processes: one is killed, interrupted, may not read or write, has no room. Nothing half-named is ever left,
both say what happened, and the next attempt arrives whole. usage: cli_faults.py [BUILD-DIR]"""
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import command
import tap
import tree

CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
BIG = 1 << 30  # a hole: it costs nothing to make, and takes long enough to be caught in the middle


def in_the_middle(event):
    return 0 < event["bytes"] < event["total"]


def send_big(sender, to, at, big, **options):
    """A transfer that has begun."""
    sending = sender.start("send", "--to", to, "--address", at, big, **options)
    tap.check(sending.next("progress", where=in_the_middle), "a large file is on its way", *sending.details())
    return sending


def named(inbox, big):
    return [str(path) for path in inbox.rglob("*") if path.name == big.name or path.stem.startswith(big.stem)]


def kill(ada, bob, ada_id, cyd, dan, cyd_id, big):
    """A receiver and, in another pair, a sender. The other side of each waits out half a minute of silence before it gives up: both do at
    once, and while the other tests run."""
    doomed, living = ada.serve(), cyd.serve()
    orphan = send_big(bob, ada_id, doomed.address, big)
    doomed.stop(signal.SIGKILL)
    victim = send_big(dan, cyd_id, living.address, big)
    victim.stop(signal.SIGKILL)
    return orphan, living


def killed(orphan, living, ada, cyd, dan, cyd_id, big):
    tap.check(orphan.finish() == 6, "the receiver was killed: interrupted", *orphan.details())
    tap.check(orphan.events[-1].get("event") == "failed" and orphan.events[-1]["reason"] == "connection" and orphan.errors.strip(),
              "and a sentence says so", *orphan.details())
    tap.check(not named(ada.inbox, big), "nothing half has a name", *named(ada.inbox, big))

    ended = living.next("transfer")
    tap.check(ended.get("state") == "interrupted", "the sender was killed: interrupted", ended, *living.details())
    tap.check(not named(cyd.inbox, big), "nothing half has a name", *named(cyd.inbox, big))
    small = tree.make(dan.home / "after the kill", files=20, big=0)
    again = dan.run("send", "--to", cyd_id, "--address", living.address, small)
    found = tree.differences(small, cyd.inbox / small.name)
    tap.check(again.finish() == 0 and not found, "the next transfer arrives whole", *found[:5], *again.details())
    tap.check(living.stop() == 0, "the receiver lived on", *living.details())


def interrupted(ada, bob, ada_id, big):
    serving = ada.serve()
    sending = send_big(bob, ada_id, serving.address, big)
    tap.check(sending.stop() == 6 and sending.events[-1].get("reason") == "cancelled", "Ctrl-C at the sender", *sending.details())
    ended = serving.next("transfer")
    tap.check(ended.get("state") == "cancelled", "the receiver is told", ended)
    tap.check(not named(ada.inbox, big), "nothing half has a name", *named(ada.inbox, big))
    sending = send_big(bob, ada_id, serving.address, big)
    tap.check(serving.stop() == 0 and serving.told("transfer")[-1]["state"] == "cancelled", "Ctrl-C at the receiver", *serving.details())
    tap.check(sending.finish() in (4, 6) and sending.events[-1].get("event") == "failed", "the sender is told", *sending.details())
    tap.check(not named(ada.inbox, big), "nothing half has a name", *named(ada.inbox, big))


def unreadable(ada, bob, ada_id):
    source = tree.make(bob.home / "one is locked", files=20, big=0)
    (source / "locked").write_text("secret")
    (source / "locked").chmod(0)
    serving = ada.serve()
    run = bob.run("send", "--to", ada_id, "--address", serving.address, source, bounded=True)
    tap.check(run.finish() == 5 and run.events[-1].get("reason") == "local-file" and "locked" in run.errors,
              "a file that cannot be read is named", *run.details())
    serving.next("transfer")
    tap.check(not (ada.inbox / source.name / "locked").exists(), "and does not arrive")
    (source / "locked").unlink()
    found = tree.differences(source, ada.inbox / source.name, times=False)
    tap.check(not found, "all the others do", *found[:5])
    serving.stop()


def unwritable(ada, bob, ada_id):
    closed = ada.home / "closed"
    closed.mkdir(mode=0o555)
    serving = ada.serve(inbox=closed, bounded=True)
    run = bob.run("send", "--to", ada_id, "--address", serving.address, "/etc/passwd")
    tap.check(run.finish() in (4, 5) and run.events[-1].get("event") == "failed" and run.errors.strip(),
              "a folder that cannot be written to", *run.details())
    tap.check(not list(closed.iterdir()), "stays empty")
    tap.check(serving.stop() == 0, "and the receiver lives on", *serving.details())


def unwritable_folder(ada, bob, ada_id):
    serving = ada.serve(bounded=True)
    (ada.inbox / "mod").mkdir(parents=True, mode=0o555)
    mod = tree.make(bob.home / "mod" / "new", files=5, big=0)
    other = tree.make(bob.home / "beside it", files=5, big=0)
    run = bob.run("send", "--to", ada_id, "--address", serving.address, mod.parent, other)
    tap.check(run.finish() == 5 and run.events[-1].get("reason") == "remote-file" and "permission denied" in run.errors,
              "a folder that cannot be made there fails with its reason", *run.details())
    tap.check(run.errors.count("permission denied") == 1, "which is told once", run.errors)
    serving.next("transfer")
    found = tree.differences(other, ada.inbox / other.name, times=False)
    tap.check(not found and not list((ada.inbox / "mod").iterdir()), "all the rest arrives", *found[:5])
    serving.stop()
    (ada.inbox / "mod").chmod(0o755)


def full_disk(ada, bob, ada_id):
    small = ada.home / "small disk"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True, text=True)
    if mounted.returncode:
        print(f"ok {tap.count + 1} - a full disk # SKIP mounting is not permitted here: {mounted.stderr.strip()}")
        tap.count += 1
        return
    source = bob.home / "too big"
    source.write_bytes(b"x" * 20_000_000)
    serving = ada.serve(inbox=small)
    run = bob.run("send", "--to", ada_id, "--address", serving.address, source)
    tap.check(run.finish() == 4 and run.events[-1].get("reason") == "no-space", "no room is said before anything is sent", *run.details())
    tap.check(not list(small.iterdir()), "and nothing is left", *small.iterdir())
    serving.stop()
    subprocess.run(["umount", small], check=True)


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-faults-"))
    ada, bob, cyd, dan, eve, fay = (command.Device(CLI, home, name) for name in ("ada", "bob", "cyd", "dan", "eve", "fay"))
    big = bob.home / "big.bin"
    with open(big, "wb") as hole:
        hole.truncate(BIG)
    try:
        ada_id, _ = command.pair(ada, bob)
        cyd_id, _ = command.pair(cyd, dan)
        eve_id, _ = command.pair(eve, fay)
        orphan, living = kill(ada, bob, ada_id, cyd, dan, cyd_id, big)
        interrupted(eve, fay, eve_id, big)
        unreadable(eve, fay, eve_id)
        unwritable(eve, fay, eve_id)
        unwritable_folder(eve, fay, eve_id)
        full_disk(eve, fay, eve_id)
        killed(orphan, living, ada, cyd, dan, cyd_id, big)
        tap.check(not command.broken, "every line of --json kept the contract", *command.broken[:20])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
