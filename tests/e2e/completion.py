#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab in a real bash completes commands, options, files and devices of wherry-cli, whatever they are called, also while this device runs.
usage: completion.py [BUILD-DIR]"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

import command
import tap
from waiting import PATIENCE

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/devel").resolve()
CLI = BUILD / "app/cli/wherry-cli"
COMPLETIONS = pathlib.Path(__file__).resolve().parent.parent.parent / "data/completions"
# What is typed before Tab, and the words that the command then gets.
LINES = (
    ("wherry-cli un", ["unpair"]),
    ("wherry-cli devices --pai", ["devices", "--paired"]),
    ("wherry-cli serve --accept pai", ["serve", "--accept", "paired"]),
    ("wherry-cli serve --accept=pai", ["serve", "--accept=paired"]),
    ("wherry-cli --json send --to Ad", ["--json", "send", "--to", "NAME"]),
    ("wherry-cli send --to=Ad", ["send", "--to=NAME"]),
    ("wherry-cli send --to \"Ada'", ["send", "--to", "NAME"]),
    ("wherry-cli send --to Ada\\'s\\ ", ["send", "--to", "NAME"]),
    ("wherry-cli send --to 'Ad", ["send", "--to", "NAME"]),
    ("wherry-cli send --to \"Ad", ["send", "--to", "NAME"]),
    ("wherry-cli ping Ad", ["ping", "NAME"]),
    ("wherry-cli send-text Ad", ["send-text", "NAME"]),
    ("wherry-cli ping Ada\\'s\\ \\\"big\\\"\\ laptop\\!x:", ["ping", "NAME"]),
    ("wherry-cli doc", ["doctor"]),
    ("wherry-cli doctor con", ["doctor", "connect"]),
    ("wherry-cli doctor connect Ad", ["doctor", "connect", "NAME"]),
    ("wherry-cli send --to x od", ["send", "--to", "x", "odd $HOME"]),
    ("wherry-cli send --to x -- -d", ["send", "--to", "x", "--", "-dash"]),
    ("wherry-cli serve --receive-dir fol", ["serve", "--receive-dir", "folder/"]),
    ("wherry od", ["odd $HOME"]),
    ("wherry --no-m", ["--no-mdns"]),
)
NAME = "Ada's \"big\" laptop!x: $HOME `id` \\ & <more> Ü"


class Bash:
    """An interactive bash on a terminal of its own, in which the commands only tell what they are given."""

    def __init__(self, cwd, env):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        os.close(theirs)
        self.seen = ""
        self.type("bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'; "
                  "stty -echo; PS1= PS2=\n")
        for program in ("wherry", "wherry-cli"):
            self.type(f". '{COMPLETIONS}/{program}.bash'\n")
        # The completion asks the program, whatever a person has made of its name.
        self.type("tell() { printf '\\002'; printf '%s\\001' \"$@\"; printf '\\003'; }\n"
                  "shopt -s expand_aliases; alias wherry-cli=tell wherry=tell; echo READY''.\n")
        self.see(r"READY\.")

    def type(self, text):
        os.write(self.ours, text.encode())

    def see(self, pattern):
        while not (match := re.search(pattern, self.seen, re.S)):
            if not select.select([self.ours], [], [], PATIENCE)[0]:
                return None
            self.seen += os.read(self.ours, 65536).decode(errors="replace")
        self.seen = self.seen[match.end():]
        return match

    def words(self, line):
        """What the command is given, when Tab is pressed at the end of @line. A quote that is left open is closed by hand."""
        self.type(line + "\t")
        self.type("\n")
        told = self.see(r"\x02(.*?)\x03")
        return told[1].split("\x01")[:-1] if told else None

    def close(self):
        self.process.terminate()
        os.close(self.ours)
        self.process.kill()
        self.process.wait()


def offered(verb, *more):
    """The function itself, as bash calls it: what it offers after a line."""
    line = " ".join(["wherry-cli", *verb, ""]) + "--"
    script = f". '{COMPLETIONS}/wherry-cli.bash'; COMP_LINE='{line}' COMP_POINT={len(line)}; _wherry_cli; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return set(subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split())


def named(ada):
    """Ada's only device is called NAME."""
    state = ada.data / "network_state.json"
    text = state.read_text()
    document = json.loads(text)
    for paired in document["paired"]:
        paired["name"] = NAME
    state.write_text(json.dumps(document))


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="wherry-completion-"))
    (home / "folder").mkdir()
    for name in ("odd $HOME", "-dash"):
        (home / name).write_text("x")
    ada, bob = (command.Device(CLI, home, name) for name in ("ada", "bob"))
    try:
        tap.check(ada.plain("devices", "--paired").stdout == "", "nothing is paired in a folder that is not there")
        tap.check(not ada.data.exists(), "and it is still not there")
        command.pair(ada, bob)
        named(ada)
        serving = ada.serve()
        plain, events = ada.plain("devices", "--paired"), ada.run("devices", "--paired")
        tap.check((plain.returncode, plain.stdout) == (0, NAME + "\n"), "devices --paired, while this device runs", plain)
        tap.check([event["device"]["name"] for event in events.told("paired")] == [NAME] and not command.broken, "the same as --json",
                  *events.details(), *command.broken)
        tap.check(ada.plain("devices", "--paired", "--watch").returncode == 2, "--paired and --watch exclude each other")
        # The default data folder, as a person has it.
        env = {**os.environ, "XDG_DATA_HOME": str(home / "share"), "HOME": str(home), "PATH": f"{CLI.parent}:{os.environ['PATH']}", "TERM": "dumb",
               "LC_ALL": "C.UTF-8", "COLUMNS": "1000"}
        (home / "share").mkdir()
        for name in ("wherry", "wherry-devel"):
            (home / "share" / name).symlink_to(ada.data)
        bash = Bash(home, env)
        for line, wanted in LINES:
            wanted = [word.replace("NAME", NAME) for word in wanted]
            have = bash.words(line)
            if have is None:
                tap.check(False, f"{line}⇥", "bash said nothing", bash.seen)
                break
            tap.check(have == wanted, f"{line}⇥", f"wanted {wanted}", f"have   {have}")
        bash.close()
        serving.stop()
        for verb in ("id", "devices", "pair", "unpair", "serve", "send", "send-text", "ping", "doctor"):
            options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", ada.plain(verb, "--help").stdout, re.M))
            tap.check(options and offered([verb]) == options, f"{verb} --⇥ offers its options", sorted(offered([verb]) ^ options))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


main()
