# SPDX-License-Identifier: GPL-3.0-or-later
"""How the Python tests wait. What tells nobody when it happens (a window that appears, a program that starts to listen) is asked again and
again by until(); everything else is read from a pipe or awaited with PATIENCE, which only a hang reaches, on a busy machine too."""
import time

PATIENCE = 120
PAUSE_S = 0.03


class Failure(AssertionError):
    pass


def until(condition, what, patience=PATIENCE):
    """The first true value of condition(); Failure, which says what was awaited, when there is none. At least half of the time is left to
    what is awaited: a look through a large window keeps its program busy."""
    asked = time.monotonic()
    end = asked + patience
    while not (value := condition()):
        now = time.monotonic()
        if now > end:
            raise Failure(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(max(PAUSE_S, now - asked))
        asked = time.monotonic()
    return value
