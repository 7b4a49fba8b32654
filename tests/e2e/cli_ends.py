#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""However wherry-cli ends, or its standard streams do, the other device is told, no part file stays, and the exit status says what did not
work. usage: cli_ends.py [BUILD-DIR]"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import command
import tap
import tree

CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
BIG = 1 << 30  # a hole: it costs nothing to make, and takes long enough to be caught in the middle
ENDING = ("SIGHUP", "SIGPIPE", "SIGTERM", "SIGQUIT", "SIGXCPU", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGPROF", "SIGIO")
# All of them have one handler, and each costs two transfers.
TRIED = ENDING[:3] if command.sanitized(CLI) else ENDING


def default_signals():
    """As a shell in the foreground starts a program, whatever this test was started by."""
    for name in ENDING + ("SIGINT",):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def begin(sender, to, at, big, **options):
    sending = sender.start("send", "--to", to, "--address", at, big, preexec_fn=default_signals, **options)
    tap.check(sending.next("progress", where=lambda event: event["bytes"] > 0), "a large file is on its way", *sending.details())
    return sending


def parts(inbox):
    return [str(path) for path in inbox.rglob("*") if path.is_file()]


def signalled(ada, bob, ada_id, big):
    for name in TRIED:
        how = getattr(signal, name)
        serving = ada.serve(preexec_fn=default_signals)
        sending = begin(bob, ada_id, serving.address, big)
        tap.check(sending.stop(how) == 6 and sending.events[-1].get("reason") == "cancelled", f"{name} to the sender", *sending.details())
        ended = serving.next("transfer")
        tap.check((ended.get("state"), ended.get("reason")) == ("cancelled", "cancelled-there"), "the receiver is told", ended)
        tap.check(not parts(ada.inbox), "and keeps no part", *parts(ada.inbox))
        sending = begin(bob, ada_id, serving.address, big)
        status = serving.stop(how)
        tap.check(status == (0 if name == "SIGTERM" else 6), f"{name} to the receiver", *serving.details())
        tap.check(sending.finish() == 4 and sending.events[-1].get("reason") == "cancelled-there", "the sender is told", *sending.details())
        tap.check(not parts(ada.inbox), "and no part is kept", *parts(ada.inbox))


def again(ada, bob, ada_id, big):
    """A second signal ends a program whose goodbye nobody hears."""
    serving = ada.serve()
    sending = begin(bob, ada_id, serving.address, big)
    serving.process.send_signal(signal.SIGSTOP)
    sending.process.send_signal(signal.SIGHUP)
    while sending.process.poll() is None:  # the first is bounded too, but by far longer
        sending.process.send_signal(signal.SIGHUP)
    tap.check(sending.finish() == 6, "a second signal ends at once", *sending.details())
    serving.process.send_signal(signal.SIGCONT)
    serving.stop()


def ignored(ada, bob, ada_id):
    serving = ada.serve(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    serving.process.send_signal(signal.SIGHUP)
    run = bob.run("ping", ada_id, "--address", serving.address)
    tap.check(run.finish() == 0, "under nohup a hang-up is nothing", *run.details())
    serving.stop()


def hang_up(ada, bob, ada_id, big):
    """The terminal goes away under a receiver that asks, and under a sender."""
    serving = ada.terminal("serve", "--receive-dir", ada.inbox)
    port = serving.see(r"listens on port (\d+)")
    at = f"127.0.0.1:{port.group(1) if port else 0}"
    asking = bob.start("send", "--to", ada_id, "--address", at, big)
    tap.check(serving.see(r"\[y/N\]"), "the offer is asked about", serving.seen)
    os.close(serving.ours)
    tap.check(asking.finish() == 4 and asking.events[-1].get("reason") in ("declined", "cancelled-there"), "a hang-up declines it",
              *asking.details())
    tap.check(serving.process.wait(command.PATIENCE) in (5, 6), "and ends the receiver")

    serving = ada.serve()
    sending = bob.terminal("send", "--to", ada_id, "--address", serving.address, big)
    tap.check(sending.see(r"[1-9][\d.]*\s.B of "), "a transfer in a terminal", sending.seen)
    os.close(sending.ours)
    tap.check(sending.process.wait(command.PATIENCE) == 6, "a hang-up ends it")
    ended = serving.next("transfer")
    tap.check((ended.get("state"), ended.get("reason")) == ("cancelled", "cancelled-there"), "the receiver is told", ended)
    serving.stop()


def reader_gone(ada, bob, ada_id, big):
    """As in "wherry-cli … | head -1"."""
    serving = ada.start("serve", "--receive-dir", ada.inbox, "--accept", "paired")
    at = command.address(serving)
    argv = [CLI, "--data-dir", bob.data, "--port", "0", "--no-mdns", "--json", "send", "--to", ada_id, "--address", at, big]
    with subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sending:
        sending.stdout.readline()
        sending.stdout.close()
        errors = sending.stderr.read()
        tap.check(sending.wait(command.PATIENCE) in (5, 6) and errors.strip(), "a sender whose reader goes away ends and says why", errors)
    ended = serving.next("transfer")
    tap.check((ended.get("state"), ended.get("reason")) == ("cancelled", "cancelled-there"), "the receiver is told", ended)
    serving.stop()

    argv = [CLI, "--data-dir", ada.data, "--port", "0", "--no-mdns", "--json", "serve", "--receive-dir", ada.inbox, "--accept", "paired"]
    with subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        at = f"127.0.0.1:{json.loads(serving.stdout.readline())['port']}"
        sending = begin(bob, ada_id, at, big)
        serving.stdout.close()
        errors = serving.stderr.read()
        tap.check(serving.wait(command.PATIENCE) == 5 and errors.strip(), "a receiver whose reader goes away ends and says why", errors)
        tap.check(sending.finish() == 4 and sending.events[-1].get("reason") == "cancelled-there", "the sender is told", *sending.details())
    tap.check(not parts(ada.inbox), "no part is kept", *parts(ada.inbox))


def unwritten(ada, bob, ada_id, small):
    """A standard output that takes nothing is told, and costs no transfer."""
    serving = ada.serve()
    send = ["send", "--to", ada_id, "--address", serving.address, small]
    common = [CLI, "--data-dir", bob.data, "--port", "0", "--no-mdns"]
    for what, options, redirect in (("a full one", ["--json"], ">/dev/full"), ("a full one, for people", [], ">/dev/full"),
                                    ("a closed one", ["--json"], ">&-"), ("no stream at all", ["--json"], "<&- >&- 2>&-")):
        run = subprocess.run(["sh", "-c", f'exec "$@" {redirect}', "sh", *map(str, common + options + send)], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=command.PATIENCE)
        ended = serving.next("transfer")
        tap.check(ended.get("state") == "done", f"{what}: the file arrives all the same", ended, run)
        tap.check(run.returncode == 5 and (run.stderr.strip() or "2>" in redirect), "and it is told that the output could not be written", run)
    serving.stop()
    for arguments in (["id"], ["--json", "id"], ["--help"], ["id", "--help"], ["--version"], ["devices"]):
        with open("/dev/full", "w") as full:
            run = subprocess.run([str(a) for a in (CLI, "--data-dir", ada.data, "--port", "0", "--no-mdns", *arguments)], stdout=full,
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=command.PATIENCE)
        tap.check(run.returncode == 5 and run.stderr.strip(), f"{' '.join(arguments)} to a full disk", run)
    for how in ({"stdin": ""}, {}):
        run = bob.run("pair", "-", **how)
        tap.check(run.finish() == 2 and run.errors.strip(), "no code comes through the standard input", *run.details())


def never_read(ada, bob, cyd, ada_id, many):
    """A reader that does not read costs events, and nothing else."""
    argv = [CLI, "--data-dir", ada.data, "--port", "0", "--no-mdns", "--json", "serve", "--receive-dir", ada.inbox, "--accept", "paired"]
    serving = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    first = json.loads(serving.stdout.readline())
    at = f"127.0.0.1:{first['port']}"
    run = bob.run("send", "--to", ada_id, "--address", at, many)
    tap.check(run.finish() == 0, "thousands of files arrive though nobody reads what is told of them", *run.details())
    ping = cyd.run("ping", ada_id, "--address", at)
    tap.check(ping.finish() == 0, "and another device is answered", *ping.details())

    events, told = [], threading.Event()

    def read():
        for line in serving.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "missed":
                told.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    tap.check(told.wait(command.PATIENCE), "a reader that reads again is told that it missed some", events[-3:])
    serving.send_signal(signal.SIGINT)
    tap.check(serving.wait(command.PATIENCE) == 0, "and it ends as ever")
    reader.join(command.PATIENCE)
    missed = sum(event["events"] for event in events if event["event"] == "missed")
    expected = 2 + len([path for path in many.rglob("*") if path.is_file()])
    tap.check(missed + sum(event["event"] != "missed" for event in events) >= expected and missed > 0,
              "exactly how many", missed, len(events), expected)

    serving = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    at = f"127.0.0.1:{json.loads(serving.stdout.readline())['port']}"
    run = bob.run("send", "--to", ada_id, "--address", at, many)
    serving.send_signal(signal.SIGTERM)
    tap.check(serving.wait(command.PATIENCE) == 5 and serving.stderr.read().strip(), "an output that nobody reads to the end is told")
    serving.stdout.close()


def stopped_terminal(ada, bob, cyd, ada_id, many):
    """Ctrl-S: what is told waits, the network does not."""
    serving = ada.terminal("--verbose", "serve", "--receive-dir", ada.inbox, "--accept", "paired")
    port = serving.see(r"listens on port (\d+)")
    at = f"127.0.0.1:{port.group(1) if port else 0}"
    serving.flow(False)
    run = bob.run("send", "--to", ada_id, "--address", at, many)
    tap.check(run.finish() == 0, "a stopped terminal stops no transfer", *run.details())
    ping = cyd.run("ping", ada_id, "--address", at)
    tap.check(ping.finish() == 0, "nor another device's ping", *ping.details())
    serving.flow(True)
    serving.process.send_signal(signal.SIGINT)
    serving.finish()
    tap.check(serving.process.returncode == 0, "going on, it shows the rest", serving.seen[-300:])


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-ends-"))
    ada, bob, cyd = (command.Device(CLI, home, name) for name in ("ada", "bob", "cyd"))
    big, small = bob.home / "big.bin", bob.home / "small"
    with open(big, "wb") as hole:
        hole.truncate(BIG)
    small.write_text("small")
    many = tree.make(bob.home / "many", files=6000, big=0)
    chosen = sys.argv[2:]
    try:
        ada_id, _ = command.pair(ada, bob)
        command.pair(ada, cyd)
        for step, arguments in ((signalled, (big,)), (again, (big,)), (ignored, ()), (hang_up, (big,)), (reader_gone, (big,)),
                                (unwritten, (small,))):
            if not chosen or step.__name__ in chosen:
                step(ada, bob, ada_id, *arguments)
        for step in (never_read, stopped_terminal):
            if not chosen or step.__name__ in chosen:
                step(ada, bob, cyd, ada_id, many)
        tap.check(not command.broken, "every line of --json kept the contract", *command.broken[:20])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
