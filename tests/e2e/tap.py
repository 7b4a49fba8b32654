# SPDX-License-Identifier: GPL-3.0-or-later
"""Test Anything Protocol, as much as the end-to-end tests need."""
import sys

count = failed = 0


def check(condition, what, *details):
    """One test point; details are printed when it fails."""
    global count, failed
    count += 1
    if not condition:
        failed += 1
        for detail in details:
            print(f"# {detail}")
    print(f"{'ok' if condition else 'not ok'} {count} - {what}", flush=True)
    return bool(condition)


def skip(what, why):
    global count
    count += 1
    print(f"ok {count} - {what} # SKIP {why}", flush=True)


def skip_all(why):
    print(f"1..0 # SKIP {why}", flush=True)
    sys.exit(0)


def finish():
    print(f"1..{count}", flush=True)
    sys.exit(1 if failed else 0)
