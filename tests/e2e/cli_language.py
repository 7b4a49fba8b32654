#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""wherry-cli speaks one language: with a catalogue that puts ⟦brackets⟧ around every sentence of the sources, nothing that people read is
outside them, and --json and the exit statuses are as ever. usage: cli_language.py [BUILD-DIR]"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import command
import tap

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
CLI = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve() / "app/cli/wherry-cli"
KEYWORDS = ("_", "N_", "C_:1c,2", "g_dngettext:2,3", "ngettext:1,2", "dgettext:2", "dngettext:2,3")
# What stands outside: names of programs, commands, options, hosts, words of a code; what GLib says itself of options, and the sanitizer of fibers.
NO_SENTENCE = re.compile(r"wherry-cli( [a-z]+ \[OPTION…\])?|\[OPTION…\]|wherry://\S+|--?[a-z-]+(=ask\|paired\|none)?|127\.0\.0\.1\S*|\[[0-9a-f:]+\]\S*|[a-z]+-[a-z]+-[a-z]+|[0-9a-f]{8,}|"
                         r"Usage:|Options:|sudo .*|==\d+==WARNING: ASan.*")
COMMANDS = re.compile(r"^  ((id|devices|pair|unpair|serve|send|send-text|ping|doctor)\b)", re.M)


def catalogue(folder):
    """Every marked sentence, translated into itself in brackets."""
    sources = sorted(str(path.relative_to(PROJECT)) for top in ("app", "net") for path in (PROJECT / top).rglob("*.c"))
    run = lambda *argv: subprocess.run(argv, cwd=PROJECT, check=True, capture_output=True)  # noqa: E731
    pot, po = folder / "all.pot", folder / "xx.po"
    run("xgettext", "--from-code=UTF-8", "-o", pot, *(f"--keyword={word}" for word in KEYWORDS), *sources)
    run("msgen", "--no-wrap", "-o", po, pot)
    run("msgfilter", "--keep-header", "--no-wrap", "-i", po, "-o", folder / "bracketed.po", sys.executable, "-c",
        "import sys; t = sys.stdin.buffer.read().decode(); s = t.strip('\\n'); a, b = t.split(s, 1) if s else ('', t); "
        "sys.stdout.buffer.write(f'{a}\u27e6{s}\u27e7{b}'.encode())")
    (folder / "xx/LC_MESSAGES").mkdir(parents=True)
    run("msgfmt", "-o", folder / "xx/LC_MESSAGES/wherry.mo", folder / "bracketed.po")
    # The C locale takes no catalogue; under another name, it does.
    shutil.copytree("/usr/lib/locale/C.utf8", folder / "xx_XX.utf8")


def outside(text):
    """The words that are in no sentence of the catalogue; brackets may nest, as an argument of another sentence."""
    text, n = text.replace("\r\033[K", ""), 1
    while n:
        text, n = re.subn(r"⟦[^⟦⟧]*⟧", "", text)
    return re.findall(r"[^\W\d_]{3,}", NO_SENTENCE.sub("", COMMANDS.sub("", text)))


def one_language(what, text):
    tap.check("⟦" in text and not outside(text), f"{what}: one language", outside(text), *text.splitlines())


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-language-"))
    catalogue(home)
    os.environ["LC_ALL"] = "C.UTF-8"
    plain_id = command.Device(CLI, home, "ada").run("id")
    os.environ.update(LC_ALL="xx_XX.UTF-8", LOCPATH=str(home), WHERRY_LOCALEDIR=str(home))
    ada = command.Device(CLI, home, "ada again")
    shutil.copytree(home / "ada/data", ada.data)
    bob = command.Device(CLI, home, "bob")
    try:
        same = ada.run("id")
        tap.check(same.events == plain_id.events and same.finish() == 0, "--json knows no language", *same.events, *plain_id.events)
        for arguments, status in (([], 2), (["--help"], 0), (["send", "--help"], 0), (["pair", "--help"], 0), (["serve", "--help"], 0),
                                  (["frobnicate"], 2), (["--frobnicate"], 2), (["send", "x"], 2), (["send", "--to", "x", "/none/x"], 5),
                                  (["serve", "--accept", "x"], 2), (["id", "x"], 2), (["--port", "99999", "id"], 2), (["id"], 0),
                                  (["devices"], 0), (["doctor", "connect"], 2), (["--data-dir", "", "id"], 2), (["pair", "--device", "x"], 2)):
            run = ada.plain(*arguments)
            tap.check(run.returncode == status, f"{' '.join(arguments)}: the status is {status}", run)
            one_language(" ".join(arguments) or "no command", run.stdout + run.stderr)

        hosting = ada.terminal("pair")
        words = hosting.see(r"[a-z]+-[a-z]+-[a-z]+")
        joined = bob.plain("pair", words.group(0), "--address", f"127.0.0.1:{command.udp_port(hosting.process.pid)}")
        tap.check(joined.returncode == 0, "pairing", joined)
        hosting.finish()
        one_language("pair, showing", hosting.seen)
        one_language("pair, entering", joined.stdout + joined.stderr)

        ada_id = same.events[0]["node_id"]
        for accept, answer, status in (("paired", None, 0), ("ask", "n\n", 4), ("ask", "y\n", 0)):
            serving = ada.terminal("serve", "--receive-dir", ada.inbox, "--accept", accept)
            at = f"127.0.0.1:{(serving.see(r'127.0.0.1:([0-9]+)') or ['', ''])[1]}"
            sending = bob.terminal("send", "--to", ada_id, "--address", at, home / "all.pot")
            if answer:
                serving.see(r"\[y/N\]")
                serving.type(answer)
            tap.check(sending.finish() == status, f"sending to one that answers {answer!r}", sending.seen, serving.seen)
            pinged = bob.plain("ping", ada_id, "--address", at)
            serving.process.terminate()
            serving.finish()
            one_language("send", sending.seen.replace("all.pot", "").replace("local", ""))
            one_language("serve", serving.seen.replace("all.pot", "").replace(str(ada.inbox), "").replace("y\r", "").replace("n\r", ""))
            one_language("ping", pinged.stdout + pinged.stderr)
        examined = bob.plain("doctor", "connect", ada_id)
        tap.check(examined.returncode == 3, "doctor, of a device that is gone", examined)
        one_language("doctor", examined.stdout + examined.stderr)

        command.pair(bob, command.Device(CLI, home, "cid"))
        next((bob.data / "roots").iterdir()).unlink()
        lines = bob.plain("devices").stdout.splitlines()
        columns = {tuple(at for at, sign in enumerate(line) if sign == "⟦") for line in lines}
        tap.check(len(lines) == 2 and any("pair again" in line for line in lines) and len(columns) == 1,
                  "the columns of devices keep together in every language", *lines)
        one_language("unpair", bob.plain("unpair", ada_id).stdout)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
