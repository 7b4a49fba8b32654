# SPDX-License-Identifier: GPL-3.0-or-later
"""wherry-cli as a test sees it: devices with a folder of their own, processes whose --json lines are read and held to the contract."""
import fcntl
import json
import os
import pathlib
import pty
import queue
import re
import select
import signal
import subprocess
import termios
import threading

from waiting import PATIENCE

HEX = re.compile(r"[0-9a-f]{64}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WORDS = re.compile(r"[a-z]{3,8}(-[a-z]{3,8}){2}")


def count(value):
    return type(value) is int and value >= 0


def number(value):
    return type(value) in (int, float) and value >= 0


def text(value):
    return isinstance(value, str)


def one_of(*names):
    return lambda value: value in names


def optional(check):
    return lambda value: value is None or check(value)


def list_of(check):
    return lambda value: isinstance(value, list) and all(map(check, value))


def matching(pattern):
    return lambda value: text(value) and pattern.fullmatch(value) is not None


DEVICE = {
    "node_id": matching(HEX),
    "device_id": optional(matching(UUID)),
    "name": text,
    "type": one_of("desktop", "laptop", "phone", "tablet", "server"),
}


def device(value):
    return isinstance(value, dict) and not complaints(value, DEVICE)


def complaints(value, fields):
    """How an object departs from the contract: exactly these fields, each of its kind."""
    found = [f"lacks {key}" for key in fields.keys() - value.keys()] + [f"has {key}" for key in value.keys() - fields.keys()]
    return found + [f"{key} is {value[key]!r}" for key in fields.keys() & value.keys() if not fields[key](value[key])]


ADDRESS = matching(re.compile(r"(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:%a-z0-9]+\]):\d+"))
PAIRING_REASONS = ("wrong-code", "expired", "cancelled", "declined", "too-many-attempts", "unreachable", "version", "self",
                   "busy", "protocol", "storage", "no-code", "declined-here")
CONTRACT = {
    "id": DEVICE,
    "device": {**DEVICE, "state": one_of("discovered", "pairing", "paired", "connected", "disconnected"),
               "paired": one_of(True, False), "needs_pairing": one_of(True, False), "nearby": one_of(True, False), "pairing_open": one_of(True, False),
               "addresses": list_of(ADDRESS), "last_seen": count},
    "listening": {"node_id": matching(HEX), "port": count, "addresses": list_of(ADDRESS)},
    "code": {"words": matching(WORDS), "link": lambda link: text(link) and link.startswith("wherry://pair?"),
             "expires_in": lambda seconds: count(seconds) and 290 <= seconds <= 300},
    "paired": {"device": device},
    "unpaired": {"device": device},
    "text": {"device": device, "text": text},
    "text-delivered": {"device": device},
    "text-queued": {"device": device},
    "finding": {"kind": one_of("interface", "mtu", "networks", "vpn", "port", "firewall", "discovery", "isolation", "device", "address"),
                "severity": one_of("ok", "warning", "problem"), "cause": text, "remedy": optional(text), "command": optional(text)},
    "pong": {"device": device, "rtt": number},
    "offer": {"transfer_id": text, "device": device, "files": count, "bytes": count,
              "names": lambda names: list_of(text)(names) and len(names) <= 10},
    "received": {"path": text, "bytes": count, "blake3": matching(HEX)},
    "transfer": {"transfer_id": text, "state": one_of("done", "failed", "cancelled", "interrupted"), "reason": optional(text)},
    "missed": {"events": lambda events: count(events) and events > 0},
    "offered": {"transfer_id": text, "files": count, "bytes": count},
    "progress": {"bytes": count, "total": count, "files_done": count, "rate": number, "eta": optional(count),
                 "phase": one_of("waiting", "hashing", "sending", "verifying", "silent"), "path": one_of("lan", "direct", "relay")},
    "done": {"files": count, "bytes": count, "seconds": number},
}
FAILED = {
    "pair": {"reason": one_of(*PAIRING_REASONS), "attempts_left": count},
    "send": {"reason": text, "message": text, "resumable": one_of(True, False)},
}
broken = []  # every departure from the contract that any process made


class Running:
    """A wherry-cli that runs; its events are read by a thread, so that it never waits for us."""

    def __init__(self, argv, verb, stdin=None, **options):
        self.verb, self.events, self.errors = verb, [], ""
        self.arriving = queue.Queue()
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()
        self.readers = [threading.Thread(target=read, daemon=True) for read in (self.read_events, self.read_errors)]
        for reader in self.readers:
            reader.start()

    def read_events(self):
        for line in self.process.stdout:
            self.check(line)
        self.arriving.put(None)

    def read_errors(self):
        for line in self.process.stderr:
            self.errors += line

    def check(self, line):
        try:
            event = json.loads(line)
            fields = FAILED[self.verb] if event["event"] == "failed" else CONTRACT[event["event"]]
        except (ValueError, KeyError, TypeError):
            broken.append(f"{self.verb} printed {line!r}")
            return
        broken.extend(f"{self.verb}: {event['event']} {what}" for what in complaints(event, {"event": text, **fields}))
        self.events.append(event)
        self.arriving.put(event)

    def next(self, *names, where=lambda event: True):
        """The next event of one of these names; {} when the process ends or hangs before."""
        try:
            while (event := self.arriving.get(timeout=PATIENCE)) is not None:
                if event["event"] in names and where(event):
                    return event
        except queue.Empty:
            broken.append(f"{self.verb} hung before {'/'.join(names)}: {self.errors}")
        return {}

    def finish(self):
        """Waits for the end; the exit status."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            broken.append(f"{self.verb} did not end: {self.errors}")
            self.process.kill()
            status = self.process.wait()
        for reader in self.readers:
            reader.join(PATIENCE)
        return status

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        return self.finish()

    def told(self, name):
        return [event for event in self.events if event["event"] == name]

    def details(self):
        return [f"status {self.process.poll()}", f"events {self.events[-5:]}", f"stderr {self.errors}"]


class Terminal:
    """A wherry-cli whose standard streams are a terminal of its own, for what a person sees and answers."""

    def __init__(self, argv):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.seen = ""

    def flow(self, on):
        """Ctrl-S and Ctrl-Q, as the terminal driver sees them."""
        os.write(self.ours, b"\x11" if on else b"\x13")

    def see(self, pattern):
        """Reads on until the screen has had @pattern; the match, or None when the process ends or hangs before."""
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.ours], [], [], PATIENCE)[0]:
                return None
            try:
                self.seen += os.read(self.ours, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                return None
        return match

    def type(self, line):
        os.write(self.ours, line.encode())

    def finish(self):
        self.see(r"(?!)")
        os.close(self.ours)
        return self.process.wait(PATIENCE)


class Device:
    """A data directory and a receive folder: one device. @bounded: without root's right to pass over file modes."""

    def __init__(self, cli, home, name):
        self.cli, self.home = cli, pathlib.Path(home) / name
        self.data, self.inbox = self.home / "data", self.home / "inbox"
        self.inbox.mkdir(parents=True)

    def start(self, verb, *arguments, bounded=False, **options):
        argv = [self.cli, "--data-dir", self.data, "--port", "0", "--no-mdns", "--json", verb, *arguments]
        if bounded:
            argv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *argv]
        return Running([str(argument) for argument in argv], verb, **options)

    def run(self, verb, *arguments, **options):
        running = self.start(verb, *arguments, **options)
        running.finish()
        return running

    def plain(self, *arguments):
        """The same for people: no --json."""
        return subprocess.run([self.cli, "--data-dir", self.data, "--port", "0", "--no-mdns", *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)

    def terminal(self, *arguments):
        return Terminal([str(a) for a in (self.cli, "--data-dir", self.data, "--port", "0", "--no-mdns", *arguments)])

    def serve(self, *arguments, inbox=None, **options):
        """Serves until stopped; .address says where."""
        serving = self.start("serve", "--receive-dir", inbox or self.inbox, *(arguments or ("--accept", "paired")), **options)
        serving.address = address(serving)
        return serving


class Shared(Device):
    """A device whose commands find another process that runs on its data directory, and ask that one over D-Bus."""
    holder = None

    def hold(self):
        if not self.holder or self.holder.process.poll() is not None:
            self.holder = super().start("serve", "--receive-dir", self.inbox, "--accept", "paired")
            address(self.holder)

    def release(self):
        if self.holder and self.holder.process.poll() is None:
            self.holder.stop()

    def start(self, verb, *arguments, **options):
        if verb != "serve":
            self.hold()
            return super().start(verb, *arguments, **options)
        self.release()
        self.holder = super().start(verb, *arguments, **options)
        return self.holder

    def plain(self, *arguments):
        self.hold()
        return super().plain(*arguments)

    def terminal(self, *arguments):
        if arguments[0] == "serve":
            self.release()
        else:
            self.hold()
        return super().terminal(*arguments)


class Bus:
    """A session bus that starts nothing, for all that this process and its children do."""

    def __init__(self, home):
        services = pathlib.Path(home, "services")
        services.mkdir()
        config = pathlib.Path(home, "bus.conf")
        config.write_text((pathlib.Path(__file__).parent / "session.conf").read_text().replace("@SERVICES@", str(services)))
        self.process = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def sanitized(program):
    """Whether it was built with AddressSanitizer, and takes ten times as long."""
    return b"__asan_init" in pathlib.Path(program).read_bytes()


def address(running):
    return f"127.0.0.1:{running.next('listening').get('port', 0)}"


def udp_port(pid):
    """A UDP port that a process has open; 0 when there is none."""
    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    ours = {link[8:-1] for link in links if link.startswith("socket:[")}
    for table in ("udp", "udp6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in ours:
                return int(fields[1].rpartition(":")[2], 16)
    return 0


def pair(host, joiner):
    """Pairs two devices by words; their node ids."""
    hosting = host.start("pair")
    at = address(hosting)
    joining = joiner.run("pair", hosting.next("code").get("words", ""), "--address", at)
    hosting.finish()
    ids = [run.told("paired")[0]["device"]["node_id"] if run.told("paired") else "" for run in (joining, hosting)]
    if "" in ids:
        broken.append(f"pairing failed: {hosting.details()} {joining.details()}")
    return ids
