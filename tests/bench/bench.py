#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench.py BUILD-DIR [--quick] [--json]: the figures of docs/measurements.md, measured side by side in one run.

Medians with minimum and maximum: machines are noisy, so compare rows of one run with each other and nothing else. Measurements that
are compared run in turn (ours, theirs, ours, …), after one of each that is not counted. Files lie on the disk that holds BUILD-DIR.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/e2e"))
import yardstick  # noqa: E402
from desktop import Desktop  # noqa: E402

GIB = 1 << 30


def events(process):
    for line in process.stdout:
        yield json.loads(line)


class Pair:
    """Two paired data directories; one of them serves."""

    def __init__(self, build, folder):
        self.cli, self.folder = build / "app/cli/wherry-cli", folder
        self.inbox = folder / "inbox"
        self.inbox.mkdir(parents=True)

    def start(self, who, *argv):
        return subprocess.Popen([self.cli, "--data-dir", self.folder / who, "--no-mdns", "--json", "--port", "0", *argv],
                                stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        host = self.start("receiver", "pair")
        seen = {event["event"]: event for event in self.until(host, "code")}
        port = seen["listening"]["port"]
        joiner = self.start("sender", "pair", seen["code"]["words"], "--address", f"127.0.0.1:{port}")
        if joiner.wait(30) != 0 or host.wait(30) != 0:
            sys.exit("bench: pairing failed")
        self.server = self.start("receiver", "serve", "--receive-dir", self.inbox, "--accept", "paired")
        self.listening = list(self.until(self.server, "listening"))[-1]
        return self

    @staticmethod
    def until(process, name):
        for event in events(process):
            yield event
            if event["event"] == name:
                return

    def send(self, source):
        """Seconds from the offer to the receiver's word that everything is verified and has its name."""
        sender = self.start("sender", "send", "--to", self.listening["node_id"],
                            "--address", f"127.0.0.1:{self.listening['port']}", source)
        last = list(events(sender))[-1]
        if sender.wait() != 0 or last["event"] != "done":
            sys.exit(f"bench: the transfer failed: {last}")
        for path in self.inbox.iterdir():
            path.unlink()
        return last["seconds"]

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


@contextlib.contextmanager
def flood(build, port, mode):
    """Strangers at 64 addresses: a thousand attempts a second, or ten times as many datagrams of garbage."""
    with subprocess.Popen([build / "tests/hostile/wherry-flood", mode, str(port), "0", "64", "20" if mode == "garbage" else "2"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flooder:
        flooder.stdout.readline()  # it has begun
        yield
        flooder.stdin.close()
        flooder.stdout.read()


def flood_ratio(build, pair, source, runs):
    """The speed of a transfer under a flood, by that of one without: in turn, for each kind of flood."""
    ratios = {}
    for mode in ("forged", "half-open", "whole", "garbage"):
        for _ in range(runs):
            calm = pair.send(source)
            with flood(build, pair.listening["port"], mode):
                ratios.setdefault(mode, []).append(calm / pair.send(source))
    return ratios


def megabytes_per_second(size, seconds):
    return size / seconds / 1e6


def make_file(path, size):
    block = os.urandom(1 << 20)
    with open(path, "wb") as out:
        for i in range(size >> 20):
            out.write(i.to_bytes(8, "big") + block[8:])
    os.sync()  # else its writeback competes with the first measurements
    return path


def pump_runs(binary, name, runs):
    values = []
    for _ in range(runs):
        out = subprocess.run([binary, name], capture_output=True, text=True, check=True).stdout
        values += [json.loads(line)["value"] for line in out.splitlines() if line.startswith("{")]
    return values


def window_open(build, folder, runs):
    """Milliseconds from starting the program to its first window being shown to assistive technology."""
    values = []
    for i in range(runs):
        with Desktop("bench", folder / f"home{i}") as desktop:
            start = time.monotonic()
            app = desktop.start([build / "app/wherry", "--data-dir", folder / f"data{i}", "--no-mdns", "--port", "0"])
            app.see("frame")
            values.append((time.monotonic() - start) * 1e3)
            app.quit()
    return values


def measure(build, folder, runs):
    bench = build / "tests/bench/wherry-bench-pump"
    rows = {name: ("MB/s", []) for name in ("pump", "transfer-1gib", "scp-1gib")}
    source = make_file(folder / "one-gib", GIB)
    with yardstick.Ssh(folder / "ssh") as ssh, Pair(build, folder / "pair") as pair:
        for _ in range(runs + 1):
            rows["pump"][1].extend(pump_runs(bench, "pump", 1))
            rows["transfer-1gib"][1].append(megabytes_per_second(GIB, pair.send(source)))
            rows["scp-1gib"][1].append(megabytes_per_second(GIB, ssh.copy(source, folder / "ssh/copy")))
            (folder / "ssh/copy").unlink()
        ratios = flood_ratio(build, pair, source, runs)
    for _, values in rows.values():
        values.pop(0)  # the warm-up
    for mode, values in ratios.items():
        rows[f"flood-ratio-{mode}"] = ("", values)
    rows["connect"] = ("ms", pump_runs(bench, "connect", runs))
    rows["idle-connection"] = ("KiB", pump_runs(bench, "idle", 1))
    rows["window-open"] = ("ms", window_open(build, folder, runs))
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="two runs of each instead of five")
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of the table")
    options = parser.parse_args()
    build = options.build.resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    try:
        rows = measure(build, folder, 2 if options.quick else 5)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.json:
        print(f"{'name':<23}{'unit':<6}{'median':>9}{'min':>9}{'max':>9}{'runs':>6}")
    for name, (unit, values) in rows.items():
        row = {"name": name, "unit": unit, "median": round(statistics.median(values), 2), "min": round(min(values), 2),
               "max": round(max(values), 2), "runs": len(values)}
        print(json.dumps(row) if options.json else
              f"{name:<23}{unit:<6}{row['median']:>9}{row['min']:>9}{row['max']:>9}{row['runs']:>6}")


if __name__ == "__main__":
    main()
