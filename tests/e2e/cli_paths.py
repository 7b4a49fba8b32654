#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path on wherry-cli's command line is what the kernel finds by it, seen from where the caller stands. usage: cli_paths.py [BUILD-DIR]"""
import os
import pathlib
import shutil
import sys
import tempfile

import command
import tap

CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
LITERAL = ("Part1:TheTest.txt", "file:x", "file:", "wherry:pair", "http:x", "a%41b", "100%", "~", "~root", "-", "--", "-file", "--to", "a b", "*",
           "$HOME", "a\\b", "...", " ", "ünï", "'\"", "x:", ":")


def send(device, to, at, cwd, *paths):
    return device.run("send", "--to", to, "--address", at, *paths, cwd=cwd)


def literal(bob, ada, ada_id, at, cwd):
    for name in LITERAL:
        (cwd / name).write_text(name)
        run = send(bob, ada_id, at, cwd, "--", name)
        arrived = ada.inbox / name
        tap.check(run.finish() == 0 and arrived.is_file() and arrived.read_text() == name, f"send {name!r}", *run.details(),
                  *ada.inbox.iterdir())
        arrived.unlink(missing_ok=True)
    for name in [name for name in LITERAL if not name.startswith("--") and name != "-file"]:
        run = send(bob, ada_id, at, cwd, name)
        tap.check(run.finish() == 0 and (ada.inbox / name).exists(), f"and without a -- before it: {name!r}", *run.details())
        (ada.inbox / name).unlink(missing_ok=True)
    uri = cwd / "file:" / "etc" / "passwd"
    (cwd / "file:").unlink()
    uri.parent.mkdir(parents=True)
    uri.write_text("not the one of the system")
    run = send(bob, ada_id, at, cwd, "file:///etc/passwd")
    tap.check(run.finish() == 0 and (ada.inbox / "passwd").read_text() == uri.read_text(), "file:///etc/passwd is a relative path",
              *run.details())
    (ada.inbox / "passwd").unlink(missing_ok=True)


def kernel(bob, ada, ada_id, at, cwd):
    """What a path with links, dots and slashes leads to."""
    (cwd / "real/deep").mkdir(parents=True)
    (cwd / "real/sibling").write_text("the kernel's")
    (cwd / "sibling").write_text("the text's")
    (cwd / "real/deep/inside").write_text("inside")
    (cwd / "link").symlink_to("real/deep")
    for path, name in (("link/../sibling", "sibling"), ("./sibling", "sibling"), ("real//sibling", "sibling"),
                       (f"{cwd}/link/../sibling", "sibling")):
        run = send(bob, ada_id, at, cwd, path)
        want = (cwd / "sibling" if path == "./sibling" else cwd / "real/sibling").read_text()
        tap.check(run.finish() == 0 and (ada.inbox / name).read_text() == want, f"send {path}", *run.details())
        (ada.inbox / name).unlink(missing_ok=True)
    for path, where in (("real/deep/", cwd), ("link/", cwd), (".", cwd / "real/deep"), ("..", cwd / "real/deep/below"), ("link/.", cwd)):
        where.mkdir(exist_ok=True)
        run = send(bob, ada_id, at, where, path)
        tap.check(run.finish() == 0 and (ada.inbox / "deep/inside").is_file(), f"send {path} in {where.name}", *run.details(),
                  *ada.inbox.iterdir())
        shutil.rmtree(ada.inbox / "deep", ignore_errors=True)


def refused(bob, ada, ada_id, at, cwd):
    for paths, named in (([""], ["“”"]), (["sibling/"], ["sibling/"]), (["sibling", "gone 1", "gone:2", "real"], ["gone 1", "gone:2"]),
                         (["file:///etc/hostname"], ["file:///etc/hostname"]), (["~/x"], ["~/x"]), (["link/nothing"], ["link/nothing"]),
                         (["x" * 300], ["x" * 300])):
        run = send(bob, ada_id, at, cwd, *paths)
        tap.check(run.finish() == 5 and all(name in run.errors for name in named), f"{[p[:20] for p in paths]}: each is named", *run.details())
        tap.check([event["event"] for event in run.events] == ["failed"] and all(name in run.events[0]["message"] for name in named),
                  "in the event too", *run.events)
    tap.check(not list(ada.inbox.iterdir()), "and nothing was sent", *ada.inbox.iterdir())
    odd = os.fsencode(cwd) + b"/not utf-8 \xff"
    with open(odd, "w"):
        pass
    run = bob.run("send", "--to", ada_id, "--address", at, "not utf-8 \udcff", cwd=cwd)
    tap.check(run.finish() in (0, 5) and (run.finish() == 0 or "not utf-8" in run.errors) and not command.broken,
              "a name that is not UTF-8 is sent or named", *run.details(), *command.broken)


def folders(ada, bob, bob_id, cwd):
    """--receive-dir and --data-dir, by the name of a file:// in a folder of its own, through a link, not there yet."""
    (cwd / "one/two").mkdir(parents=True)
    (cwd / "to two").symlink_to("one/two")
    for option in ("in:box", "file:inbox", "~", "a%41b", "to two/../in one", "new/deep/", "-"):
        serving = ada.serve(inbox=option, cwd=cwd)
        run = bob.run("send", "--to", serving.events[0]["node_id"], "--address", serving.address, "/etc/passwd")
        where = cwd / "one/in one" if option.startswith("to two") else cwd / option
        tap.check(run.finish() == 0 and (where / "passwd").is_file(), f"--receive-dir {option!r}", *run.details(), *serving.details())
        serving.stop()
    for option, made in (("da:ta", "da:ta"), ("file:data", "file:data"), ("~data", "~data"), ("to two/../data", "one/data")):
        run = command.Running([CLI, "--data-dir", option, "--json", "id"], "id", cwd=cwd)
        tap.check(run.finish() == 0 and (cwd / made).is_dir(), f"--data-dir {option!r}", *run.details(), *cwd.iterdir())
    for arguments in (["--data-dir", "", "id"], ["serve", "--receive-dir", ""], ["--data-dir", "none/../x", "id"]):
        run = ada.plain(*arguments)
        tap.check(run.returncode == 2 and run.stderr.strip(), f"{arguments} is an error", run)


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-paths-"))
    ada, bob = (command.Device(CLI, home, name) for name in ("ada", "bob"))
    here, there = home / "here", home / "there"
    here.mkdir(), there.mkdir()
    try:
        ada_id, bob_id = command.pair(ada, bob)
        serving = ada.serve()
        for step in (literal, kernel, refused):
            step(bob, ada, ada_id, serving.address, here)
        serving.stop()
        folders(ada, bob, bob_id, there)
        tap.check(not command.broken, "every line of --json kept the contract", *command.broken[:20])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
